/**
 * Studies: many simulated runs over a grid of settings, what they come to on average, and the
 * report of that. {@link dev.tidings.lab.study.Sweep} carries a grid out, {@link
 * dev.tidings.lab.study.StudyReport} shows it.
 */
@NullMarked
package dev.tidings.lab.study;

import org.jspecify.annotations.NullMarked;
