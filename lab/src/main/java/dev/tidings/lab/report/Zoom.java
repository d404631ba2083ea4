package dev.tidings.lab.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How a chart is zoomed: by the wheel with Ctrl held, so that the wheel alone scrolls the page, and
 * dragged along; and by a bar below it.
 */
public final class Zoom {
  private static final String FILTER_MODE = "filterMode";

  private Zoom() {}

  /** With a bar; lines go on into what lies outside. */
  static void overTime(ObjectNode option) {
    withBar(option);
    option.withArray("/dataZoom").forEach(part -> ((ObjectNode) part).put(FILTER_MODE, "none"));
  }

  /** With a bar; the vertical axis fits what is shown. */
  static void withBar(ObjectNode option) {
    ArrayNode zoom = option.putArray("dataZoom");
    inside(zoom);
    zoom.addObject().put("type", "slider").put("height", 16).put("bottom", 8);
  }

  /** Along the horizontal axis; the other one stays as it is. */
  public static void across(ObjectNode option) {
    inside(option.withArray("/dataZoom")).put("xAxisIndex", 0).put(FILTER_MODE, "none");
  }

  /** Along both axes. */
  public static void bothWays(ObjectNode option) {
    across(option);
    inside(option.withArray("/dataZoom")).put("yAxisIndex", 0).put(FILTER_MODE, "none");
  }

  private static ObjectNode inside(ArrayNode zoom) {
    return zoom.addObject().put("type", "inside").put("zoomOnMouseWheel", "ctrl");
  }
}
