package dev.tidings.spacetime;

import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import dev.tidings.spacetime.SpaceTime.Message;
import dev.tidings.spacetime.SpaceTime.Stall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a space-time diagram as an SVG that needs nothing else: processes as lines side by side,
 * time running down, messages as arrows, a stall as a hatched bar from arrival to visibility.
 * Lengths are in pixels.
 */
public final class SpaceTimeSvg {
  private static final int LEFT = 110;
  private static final int TOP = 130;
  private static final int BOTTOM = 40;
  private static final int COLUMN = 290;

  /** How tall the drawn time is; labels may need more. */
  private static final int TIME_HEIGHT = 640;

  private static final int TEXT_OFFSET = 16;
  private static final int TEXT_LINE = 15;
  private static final int TEXT_GAP = 5;
  private static final int TEXT_CHARACTERS = 36;
  private static final int BAR = 12;

  /** Where arrows end, so that their heads stay outside the dots. */
  private static final int DOT = 6;

  private static final String STYLE =
      """
      <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2933; }
        .halo { paint-order: stroke; stroke: #fcfcfa; stroke-width: 5px; stroke-linejoin: round; }
        .title { font-size: 18px; font-weight: 600; }
        .process { font-size: 14px; font-weight: 600; text-anchor: middle; }
        .axis { fill: #7b8794; text-anchor: end; }
        .grid { stroke: #e4e7eb; }
        .life { stroke: #52606d; stroke-width: 2; }
        .message { stroke: #3e7cb1; stroke-width: 1.5; fill: none; marker-end: url(#head); }
        .leader { stroke: #9aa5b1; fill: none; }
        .stall { fill: url(#hatch); stroke: #c65d07; stroke-width: 1.5; }
        .WRITE { fill: #1f2933; }
        .RECEIVE { fill: #3e7cb1; }
        .STALLED { fill: #fcfcfa; stroke: #c65d07; stroke-width: 2; }
        .VISIBLE { fill: #2f9e63; }
        .READ { fill: #fcfcfa; stroke: #3e7cb1; stroke-width: 2; }
      </style>
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0L8 4L0 8z" fill="#3e7cb1"/>
        </marker>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" fill="#fff4e6"/>
          <path d="M0 0V6" stroke="#e8a55c" stroke-width="3"/>
        </pattern>
      </defs>
      """;

  private final SpaceTime diagram;
  private final boolean showsTime;
  private final double pixelsPerMicro;
  private final long endMicros;
  private final StringBuilder svg = new StringBuilder();

  private SpaceTimeSvg(SpaceTime diagram, boolean showsTime) {
    this.diagram = diagram;
    this.showsTime = showsTime;
    this.endMicros =
        Math.max(1, diagram.events().stream().mapToLong(Event::timeMicros).max().orElse(1));
    this.pixelsPerMicro = TIME_HEIGHT / (double) endMicros;
  }

  /** The whole SVG document. */
  public static String of(SpaceTime diagram) {
    return new SpaceTimeSvg(diagram, true).draw();
  }

  /** The same without a scale, for times that only say what comes first. */
  public static String withoutScale(SpaceTime diagram) {
    return new SpaceTimeSvg(diagram, false).draw();
  }

  private String draw() {
    List<Label> labels = labels();
    double height =
        Math.max(TOP + TIME_HEIGHT, labels.stream().mapToDouble(Label::bottom).max().orElse(TOP))
            + BOTTOM;
    int width = LEFT + COLUMN * Math.max(1, diagram.processes().size());
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\">",
        width, height, width, height);
    svg.append(STYLE);
    add("<title>%s</title>", escape(diagram.title()));
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"#fcfcfa\"/>");
    add("<text class=\"title\" x=\"24\" y=\"36\">%s</text>", escape(diagram.title()));
    drawLegend();
    if (showsTime) {
      drawTime(width);
    }
    drawProcesses();
    drawStalls();
    diagram.messages().forEach(this::drawMessage);
    for (Event event : diagram.events()) {
      add("<circle class=\"%s\" cx=\"%d\" cy=\"%.1f\" r=\"5\"/>", event.kind(), x(event), y(event));
    }
    labels.forEach(this::drawLabel);
    return svg.append("</svg>\n").toString();
  }

  private void drawLegend() {
    int x = 30;
    for (Kind kind : Kind.values()) {
      if (diagram.events().stream().noneMatch(event -> event.kind() == kind)) {
        continue;
      }
      String words = kind.name().toLowerCase(Locale.ROOT);
      add("<circle class=\"%s\" cx=\"%d\" cy=\"62\" r=\"5\"/>", kind, x);
      add("<text x=\"%d\" y=\"66\">%s</text>", x + 10, words);
      x += 34 + 7 * words.length();
    }
  }

  /** A line at every round time: 1, 2 or 5 of some power of ten. */
  private void drawTime(int width) {
    long step = 1;
    for (int i = 0; endMicros / step > 20; i++) {
      step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    }
    for (long time = 0; time <= endMicros; time += step) {
      double y = TOP + time * pixelsPerMicro;
      add("<path class=\"grid\" d=\"M60 %.1fH%d\"/>", y, width - 20);
      add("<text class=\"axis\" x=\"54\" y=\"%.1f\">%s</text>", y + 4, seconds(time, step));
    }
  }

  private static String seconds(long micros, long stepMicros) {
    int digits = 0;
    for (long unit = 1_000_000; unit > stepMicros; unit /= 10) {
      digits++;
    }
    return String.format(Locale.ROOT, "%." + digits + "f s", micros / 1e6);
  }

  private void drawProcesses() {
    for (int i = 0; i < diagram.processes().size(); i++) {
      int x = LEFT + i * COLUMN;
      add(
          "<text class=\"process\" x=\"%d\" y=\"%d\">%s</text>",
          x, TOP - 26, escape(diagram.processes().get(i)));
      add("<path class=\"life\" d=\"M%d %dV%d\"/>", x, TOP - 14, TOP + TIME_HEIGHT + 14);
    }
  }

  /** Bars of one process that overlap in time stand side by side, to the left of its line. */
  private void drawStalls() {
    List<Stall> stalls = diagram.stalls();
    int[] lanes = new int[stalls.size()];
    for (int i = 0; i < lanes.length; i++) {
      for (int j = 0; j < i; j++) {
        if (overlap(stalls.get(i), stalls.get(j))) {
          lanes[i] = Math.max(lanes[i], lanes[j] + 1);
        }
      }
      Event begin = diagram.events().get(stalls.get(i).from());
      Event end = diagram.events().get(stalls.get(i).to());
      add(
          "<rect class=\"stall\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
          x(begin) - BAR / 2 - lanes[i] * (BAR + 2), y(begin), BAR, Math.max(2, y(end) - y(begin)));
    }
  }

  private boolean overlap(Stall a, Stall b) {
    List<Event> events = diagram.events();
    return events.get(a.from()).process() == events.get(b.from()).process()
        && events.get(a.from()).timeMicros() < events.get(b.to()).timeMicros()
        && events.get(b.from()).timeMicros() < events.get(a.to()).timeMicros();
  }

  private void drawMessage(Message message) {
    Event from = diagram.events().get(message.from());
    Event to = diagram.events().get(message.to());
    double dx = x(to) - x(from);
    double dy = y(to) - y(from);
    double length = Math.hypot(dx, dy);
    add(
        "<path class=\"message\" d=\"M%.1f %.1fL%.1f %.1f\"/>",
        x(from) + dx / length * DOT,
        y(from) + dy / length * DOT,
        x(to) - dx / length * DOT,
        y(to) - dy / length * DOT);
  }

  /** The text beside an event; moved down where it would lie on the one above. */
  private record Label(Event event, List<String> lines, double top) {
    double bottom() {
      return top + lines.size() * TEXT_LINE;
    }
  }

  private List<Label> labels() {
    var labels = new ArrayList<Label>();
    double[] free = new double[diagram.processes().size()];
    for (Event event : diagram.events()) {
      List<String> lines = wrap(event.label());
      double top = Math.max(y(event) - TEXT_LINE / 2.0, free[event.process()]);
      var label = new Label(event, lines, top);
      free[event.process()] = label.bottom() + TEXT_GAP;
      labels.add(label);
    }
    return labels;
  }

  private void drawLabel(Label label) {
    int x = x(label.event()) + TEXT_OFFSET;
    double middle = label.top() + TEXT_LINE / 2.0;
    if (middle - y(label.event()) > 3) {
      add(
          "<path class=\"leader\" d=\"M%d %.1fL%d %.1f\"/>",
          x - TEXT_OFFSET + DOT, y(label.event()), x - 2, middle);
    }
    for (int i = 0; i < label.lines().size(); i++) {
      add(
          "<text class=\"halo\" x=\"%d\" y=\"%.1f\">%s</text>",
          x, label.top() + i * TEXT_LINE + 11.5, escape(label.lines().get(i)));
    }
  }

  /** At spaces; a word longer than a line is cut. */
  private static List<String> wrap(String text) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      String rest = word;
      if (!line.isEmpty() && line.length() + 1 + rest.length() > TEXT_CHARACTERS) {
        lines.add(line.toString());
        line.setLength(0);
      }
      while (rest.length() > TEXT_CHARACTERS) {
        int cut = rest.offsetByCodePoints(0, TEXT_CHARACTERS / 2);
        lines.add(rest.substring(0, cut));
        rest = rest.substring(cut);
      }
      line.append(line.isEmpty() ? "" : " ").append(rest);
    }
    lines.add(line.toString());
    return lines;
  }

  private static int x(Event event) {
    return LEFT + event.process() * COLUMN;
  }

  private double y(Event event) {
    return TOP + event.timeMicros() * pixelsPerMicro;
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** Text for XML 1.0, which has no place for control characters and halves of surrogate pairs. */
  private static String escape(String text) {
    var escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xfffd);
              }
            });
    return escaped.toString();
  }

  private static boolean isXml(int c) {
    return (c >= ' ' && c < 0xd800) || (c > 0xdfff && c != 0xfffe && c != 0xffff) || c == '\t';
  }
}
