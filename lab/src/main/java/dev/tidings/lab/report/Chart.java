package dev.tidings.lab.report;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A chart, for the page and for files alike.
 *
 * @param id one word, which names files too
 * @param title what it shows, in a few words
 * @param option what Apache ECharts draws: data only, no functions
 * @param height in pixels
 */
public record Chart(String id, String title, ObjectNode option, int height) {}
