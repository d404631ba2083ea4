package dev.tidings.lab.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.drift.DriftEvent;
import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.LoggedEvent;
import dev.tidings.lab.analysis.LoggedEvent.LoggedMessage;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The charts of a report. Of many hosts some are drawn, spread over the rates; of many events the
 * highest of each short time; so a page stays small and quick whatever the run.
 */
public final class Charts {
  /** So many hosts are drawn at most. */
  private static final int MAX_HOSTS = 20;

  /** So many points the lines of a chart have together. */
  private static final int MAX_POINTS = 12_000;

  /** So many points a line has at most. */
  private static final int MAX_POINTS_OF_A_LINE = 1_500;

  /** So many events the space-time diagram shows at most; what comes later is left out. */
  private static final int MAX_EVENTS = 1_500;

  /** So many bars a histogram has at most. */
  private static final int MAX_BARS = 60;

  /** Of so many hosts bars side by side can still be told apart. */
  private static final int MAX_BARS_SIDE_BY_SIDE = 6;

  private static final int HEIGHT = 360;
  private static final int LANE_HEIGHT = 40;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunAnalysis analysis;
  private final Run run;

  /** The places of the hosts that are drawn. */
  private final int[] shown;

  /** So many moments a line shows. */
  private final int moments;

  private Charts(RunAnalysis analysis) {
    this.analysis = analysis;
    this.run = analysis.run();
    int n = run.hosts().size();
    int[] byRate =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -analysis.hosts().get(i).realRate()))
            .mapToInt(i -> i)
            .toArray();
    int count = Math.min(n, MAX_HOSTS);
    moments = Math.min(MAX_POINTS_OF_A_LINE, MAX_POINTS / count);
    shown =
        IntStream.range(0, count)
            .map(i -> byRate[count == 1 ? 0 : (int) ((long) i * (n - 1) / (count - 1))])
            .sorted()
            .toArray();
  }

  public static List<Chart> of(RunAnalysis analysis) {
    var charts = new Charts(analysis);
    return List.of(
        charts.clock(),
        charts.drift(),
        charts.queue(),
        charts.age(),
        charts.jumps(),
        charts.events(),
        charts.spaceTime());
  }

  private String of(String title) {
    int n = run.hosts().size();
    return shown.length == n ? title : title + ", of %d of %,d hosts".formatted(shown.length, n);
  }

  private String hostName(int place) {
    return "host " + run.hosts().get(place).id();
  }

  /** A value of an event. */
  private interface Value {
    double of(int place, int event);
  }

  /**
   * At the same moments for all hosts, so that they can be read side by side: the highest value
   * since the moment before, or the last one if there was no event, so that peaks are not lost.
   */
  private ArrayNode points(int place, Value value, boolean onlyReceipts) {
    List<LoggedEvent> events = run.hosts().get(place).events();
    ArrayNode points = JSON.createArrayNode();
    int next = 0;
    double last = 0;
    for (int i = 0; i <= moments; i++) {
      double seconds = run.duration() * i / moments;
      double highest = Double.NEGATIVE_INFINITY;
      for (; next < events.size() && run.seconds(place, next) <= seconds; next++) {
        if (!onlyReceipts || events.get(next).type() == DriftEvent.Type.RECEIVE) {
          last = value.of(place, next);
          highest = Math.max(highest, last);
        }
      }
      points.addArray().add(round(seconds)).add(round(Math.max(highest, last)));
    }
    return points;
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private ObjectNode base(String xName, String yName) {
    ObjectNode option = JSON.createObjectNode();
    option.put("animation", false);
    ObjectNode grid = option.putObject("grid");
    grid.put("left", 60).put("right", 24).put("top", 60).put("bottom", 70);
    option.putObject("legend").put("type", "scroll").put("top", 4).put("right", 24).put("left", 60);
    axis(option.putObject("xAxis"), "value", xName).put("nameGap", 26);
    axis(option.putObject("yAxis"), "value", yName).put("nameGap", 44);
    return option;
  }

  private static ObjectNode axis(ObjectNode axis, String type, String name) {
    return axis.put("type", type).put("name", name).put("nameLocation", "middle");
  }

  private ObjectNode overTime(String yName) {
    ObjectNode option = base("system time, seconds", yName);
    // Whole seconds, so that the last label is a round one.
    double end = run.duration() > 2 ? Math.ceil(run.duration()) : round(run.duration());
    ObjectNode x = option.withObject("/xAxis").put("min", 0).put("max", end);
    x.putObject("axisLabel").put("hideOverlap", true);
    option.putObject("tooltip").put("trigger", "axis");
    Zoom.overTime(option);
    return option;
  }

  private ObjectNode line(ArrayNode series, int place, ArrayNode points) {
    ObjectNode line = series.addObject();
    line.put("type", "line").put("name", hostName(place)).put("showSymbol", false);
    line.putObject("lineStyle").put("width", 1.5);
    line.putObject("emphasis").put("focus", "series");
    line.set("data", points);
    return line;
  }

  private Chart clock() {
    ObjectNode option = overTime("logical clock, ticks");
    ArrayNode series = option.putArray("series");
    for (int place : shown) {
      line(
          series,
          place,
          points(place, (p, i) -> run.hosts().get(p).events().get(i).lamportTime(), false));
    }
    return new Chart("clock", of("Logical clock against system time"), option, HEIGHT);
  }

  private Chart drift() {
    int fastest = 0;
    for (int i = 1; i < analysis.hosts().size(); i++) {
      fastest =
          analysis.hosts().get(i).realRate() > analysis.hosts().get(fastest).realRate()
              ? i
              : fastest;
    }
    List<LoggedEvent> reference = run.hosts().get(fastest).events();
    ObjectNode option = overTime("ticks behind " + hostName(fastest));
    ArrayNode series = option.putArray("series");
    for (int place : shown) {
      if (place == fastest) {
        continue;
      }
      ArrayNode points = JSON.createArrayNode();
      List<LoggedEvent> events = run.hosts().get(place).events();
      int a = -1;
      int b = -1;
      for (int i = 0; i <= moments; i++) {
        double seconds = run.duration() * i / moments;
        while (a + 1 < reference.size() && run.seconds(fastest, a + 1) <= seconds) {
          a++;
        }
        while (b + 1 < events.size() && run.seconds(place, b + 1) <= seconds) {
          b++;
        }
        long drift =
            (a < 0 ? 0 : reference.get(a).lamportTime())
                - (b < 0 ? 0 : events.get(b).lamportTime());
        points.addArray().add(round(seconds)).add(drift);
      }
      line(series, place, points);
    }
    return new Chart("drift", of("Drift between hosts"), option, HEIGHT);
  }

  private Chart queue() {
    ObjectNode option = overTime("messages in the inbox");
    ArrayNode series = option.putArray("series");
    for (int place : shown) {
      line(
              series,
              place,
              points(place, (p, i) -> run.hosts().get(p).events().get(i).queueLength(), false))
          .put("step", "end");
    }
    return new Chart("queue", of("Queue lengths"), option, HEIGHT);
  }

  private Chart age() {
    ObjectNode option = overTime("age when processed, seconds");
    ArrayNode series = option.putArray("series");
    for (int place : shown) {
      line(series, place, points(place, this::age, true));
    }
    return new Chart("age", of("Age of messages"), option, HEIGHT);
  }

  private double age(int place, int event) {
    LoggedEvent receipt = run.hosts().get(place).events().get(event);
    LoggedMessage message = receipt.message();
    return message == null ? 0 : receipt.systemSeconds() - message.systemSeconds();
  }

  /** Bars beside each other for a few hosts, a map of colours for many. */
  private Chart jumps() {
    long largest = analysis.hosts().stream().mapToLong(HostFigures::largestJump).max().orElse(1);
    long width = Math.max(1, (largest + MAX_BARS - 1) / MAX_BARS);
    int bars = (int) ((Math.max(1, largest) + width - 1) / width);
    ObjectNode option = base("jump, ticks", "events");
    ObjectNode x = option.withObject("/xAxis").put("type", "category");
    ArrayNode labels = x.putArray("data");
    for (int i = 0; i < bars; i++) {
      long low = i * width + 1;
      labels.add(width == 1 ? Long.toString(low) : low + "-" + (low + width - 1));
    }
    Zoom.withBar(option);
    if (shown.length <= MAX_BARS_SIDE_BY_SIDE) {
      jumpBars(option, width, bars);
    } else {
      jumpMap(option, width);
    }
    return new Chart("jumps", of("How often the logical clock jumped how far"), option, HEIGHT);
  }

  private void jumpBars(ObjectNode option, long width, int bars) {
    option.putObject("tooltip").put("trigger", "axis");
    // Most events raise the clock by 1: only a logarithm shows the others beside them.
    option.withObject("/yAxis").put("type", "log");
    ArrayNode series = option.putArray("series");
    for (int place : shown) {
      Map<Integer, Integer> counts = jumpCounts(place, width);
      ObjectNode bar = series.addObject();
      bar.put("type", "bar").put("name", hostName(place)).put("barGap", "0%");
      // On a logarithmic axis 1 is at the very bottom.
      bar.put("barMinHeight", 4);
      ArrayNode data = bar.putArray("data");
      for (int i = 0; i < bars; i++) {
        Integer count = counts.get(i);
        if (count == null) {
          data.add("-");
        } else {
          data.add(count);
        }
      }
    }
  }

  /** Colours go by the logarithm of how often, which is the fourth of a cell's values. */
  private void jumpMap(ObjectNode option, long width) {
    option.remove("legend");
    option.withObject("/grid").put("top", 20).put("left", 90);
    option.putObject("tooltip").put("trigger", "item");
    ObjectNode y = option.withObject("/yAxis").put("type", "category").put("inverse", true);
    y.remove("name");
    ArrayNode hosts = y.putArray("data");
    ObjectNode map = option.putArray("series").addObject();
    map.put("type", "heatmap").put("name", "events");
    map.putObject("encode").put("x", 0).put("y", 1).put("value", 3).put("tooltip", 2);
    map.putArray("dimensions").add("jump").add("host").add("events").add("logarithm");
    ArrayNode data = map.putArray("data");
    double highest = 0;
    for (int lane = 0; lane < shown.length; lane++) {
      hosts.add(hostName(shown[lane]));
      for (var entry : jumpCounts(shown[lane], width).entrySet()) {
        double logarithm = Math.log10(entry.getValue());
        highest = Math.max(highest, logarithm);
        data.addArray().add(entry.getKey()).add(lane).add(entry.getValue()).add(round(logarithm));
      }
    }
    ObjectNode colours = option.putObject("visualMap");
    colours.put("show", false).put("dimension", 3).put("min", 0).put("max", round(highest));
    colours.putObject("inRange").putArray("color").add("#c9dcf2").add("#5470c6").add("#16204f");
  }

  private Map<Integer, Integer> jumpCounts(int place, long width) {
    var counts = new TreeMap<Integer, Integer>();
    analysis
        .hosts()
        .get(place)
        .jumps()
        .forEach(
            (jump, count) ->
                counts.merge((int) (Math.max(0, jump - 1) / width), count, Integer::sum));
    return counts;
  }

  private Chart events() {
    ObjectNode option = base("", "events");
    option.putObject("tooltip").put("trigger", "axis");
    Zoom.withBar(option);
    ObjectNode x = option.withObject("/xAxis").put("type", "category");
    ArrayNode labels = x.putArray("data");
    boolean isCrowded = shown.length > MAX_BARS_SIDE_BY_SIDE;
    for (int place : shown) {
      labels.add(isCrowded ? Integer.toString(run.hosts().get(place).id()) : hostName(place));
    }
    x.put("name", isCrowded ? "host" : "");
    ArrayNode series = option.putArray("series");
    bars(series, "receive", HostFigures::receives);
    bars(series, "send", HostFigures::sends);
    bars(series, "internal", HostFigures::internals);
    return new Chart("events", of("Event mix"), option, HEIGHT);
  }

  private void bars(ArrayNode series, String name, ToIntFunction<HostFigures> value) {
    ObjectNode bar = series.addObject();
    bar.put("type", "bar").put("name", name).put("stack", "events").put("barMaxWidth", 60);
    ArrayNode data = bar.putArray("data");
    for (int place : shown) {
      data.add(value.applyAsInt(analysis.hosts().get(place)));
    }
  }

  /** An event of the diagram. */
  private record Drawn(double seconds, int lane, int place, int event) {}

  /**
   * Events have nine values: seconds, lane, Lamport time, jump, type, the index of the host's event
   * before (-1 for none), that of the sending (-1), queue length, and what the message was; and
   * {@code through}, the indexes of what it follows through hosts that are not drawn.
   */
  private Chart spaceTime() {
    var all = new ArrayList<Drawn>();
    for (int lane = 0; lane < shown.length; lane++) {
      for (int i = 0; i < run.hosts().get(shown[lane]).events().size(); i++) {
        all.add(new Drawn(run.seconds(shown[lane], i), lane, shown[lane], i));
      }
    }
    all.sort(Comparator.comparingDouble(Drawn::seconds).thenComparingInt(Drawn::event));
    List<Drawn> drawn = all.subList(0, Math.min(MAX_EVENTS, all.size()));
    double end = drawn.get(drawn.size() - 1).seconds();
    Map<Run.Sending, Integer> indexes = new HashMap<>();
    for (int i = 0; i < drawn.size(); i++) {
      indexes.put(new Run.Sending(drawn.get(i).place(), drawn.get(i).event()), i);
    }
    Map<Integer, List<Integer>> through = throughOthers(indexes);
    ArrayNode events = JSON.createArrayNode();
    ArrayNode messages = JSON.createArrayNode();
    for (int i = 0; i < drawn.size(); i++) {
      Drawn at = drawn.get(i);
      Run.Host host = run.hosts().get(at.place());
      LoggedEvent event = host.events().get(at.event());
      long before = at.event() == 0 ? 0 : host.events().get(at.event() - 1).lamportTime();
      Run.Sending sending = host.sendings().get(at.event());
      int sent = sending == null ? -1 : indexes.getOrDefault(sending, -1);
      LoggedMessage message = event.message();
      ObjectNode point = events.addObject();
      boolean isJump = event.lamportTime() - before > 1;
      point
          .putArray("value")
          .add(round(at.seconds()))
          .add(at.lane())
          .add(event.lamportTime())
          .add(event.lamportTime() - before)
          .add(event.type().name())
          .add(
              at.event() == 0
                  ? -1
                  : indexes.getOrDefault(new Run.Sending(at.place(), at.event() - 1), -1))
          .add(sent)
          .add(event.queueLength())
          .add(message == null ? "" : message.type());
      if (through.containsKey(i)) {
        through.get(i).forEach(point.putArray("through")::add);
      }
      if (isJump) {
        point.putObject("itemStyle").put("color", "#ee6666");
      }
      point
          .put("symbolSize", isJump ? 9 + Math.min(9, event.lamportTime() - before) : 6)
          .put("symbol", isJump ? "diamond" : "circle");
      if (sent >= 0) {
        ArrayNode coordinates =
            messages.addObject().put("from", sent).put("to", i).putArray("coords");
        coordinates.addArray().add(round(drawn.get(sent).seconds())).add(drawn.get(sent).lane());
        coordinates.addArray().add(round(at.seconds())).add(at.lane());
      }
    }
    ObjectNode option = overTime("");
    option.remove("legend");
    option.withObject("/grid").put("top", 20).put("left", 90);
    option.withObject("/xAxis").put("max", Math.max(0.001, round(end)));
    option.withObject("/xAxis/axisLabel").put("showMaxLabel", false);
    ObjectNode y = option.withObject("/yAxis").put("type", "category").put("inverse", true);
    y.remove("name");
    ArrayNode lanes = y.putArray("data");
    for (int place : shown) {
      lanes.add(hostName(place));
    }
    y.putObject("axisTick").put("show", false);
    y.put("boundaryGap", true);
    option.putObject("tooltip").put("trigger", "item");
    // At first so much that single events can be told apart.
    double shownPart = Math.min(100, 100.0 * 150 / Math.max(1, drawn.size()));
    option
        .withArray("/dataZoom")
        .forEach(zoom -> ((ObjectNode) zoom).put("start", 0).put("end", shownPart));
    ArrayNode series = option.putArray("series");
    ObjectNode lines = series.addObject();
    lines
        .put("type", "lines")
        .put("name", "messages")
        .put("coordinateSystem", "cartesian2d")
        .put("silent", true)
        .put("z", 1);
    lines.putArray("symbol").add("none").add("arrow");
    lines.put("symbolSize", 7);
    lines.putObject("lineStyle").put("width", 1).put("opacity", 0.6).put("color", "#6f8fdc");
    lines.set("data", messages);
    ObjectNode dots = series.addObject();
    dots.put("type", "scatter").put("name", "events").put("z", 2);
    dots.putObject("itemStyle").put("color", "#91cc75").put("opacity", 1);
    dots.set("data", events);
    ObjectNode hosts = series.addObject();
    hosts
        .put("type", "lines")
        .put("name", "hosts")
        .put("coordinateSystem", "cartesian2d")
        .put("silent", true)
        .put("z", 0);
    hosts.putObject("lineStyle").put("width", 1).put("opacity", 0.6).put("color", "#9aa5b1");
    ArrayNode hostLines = hosts.putArray("data");
    for (int lane = 0; lane < shown.length; lane++) {
      ArrayNode ends = hostLines.addObject().putArray("coords");
      ends.addArray().add(0).add(lane);
      ends.addArray().add(Math.max(0.001, round(end))).add(lane);
    }
    String title =
        drawn.size() == all.size()
            ? of("Space-time diagram")
            : String.format(Locale.ROOT, "%s, the first %.1f s", of("Space-time diagram"), end);
    return new Chart("spacetime", title, option, 120 + LANE_HEIGHT * Math.max(3, shown.length));
  }

  /**
   * What drawn events follow through hosts that are not drawn: at a receipt from one of those, the
   * last event of each lane that came to be known by it.
   *
   * @param indexes of the drawn events
   */
  private Map<Integer, List<Integer>> throughOthers(Map<Run.Sending, Integer> indexes) {
    Map<Integer, List<Integer>> through = new HashMap<>();
    int n = run.hosts().size();
    if (shown.length == n) {
      return through;
    }
    int[] lanes = new int[n];
    Arrays.fill(lanes, -1);
    for (int lane = 0; lane < shown.length; lane++) {
      lanes[shown[lane]] = lane;
    }
    // The last event of each lane that a host knows of; what a message took along stays as it is.
    int[][] known = new int[n][shown.length];
    for (int[] events : known) {
      Arrays.fill(events, -1);
    }
    Map<Run.Sending, int[]> sent = new HashMap<>();
    for (Run.Sending at : run.causalOrder()) {
      Run.@Nullable Sending sending = run.hosts().get(at.host()).sendings().get(at.event());
      int[] theirs = sending == null ? null : sent.get(sending);
      if (sending != null && theirs != null) {
        int[] before = known[at.host()];
        int[] merged = before.clone();
        Arrays.setAll(merged, lane -> Math.max(before[lane], theirs[lane]));
        known[at.host()] = merged;
        Integer index = indexes.get(at);
        if (index != null && lanes[sending.host()] < 0) {
          through.put(
              index,
              IntStream.range(0, merged.length)
                  .filter(lane -> merged[lane] > before[lane])
                  .mapToObj(lane -> indexes.get(new Run.Sending(shown[lane], merged[lane])))
                  .filter(Objects::nonNull)
                  .toList());
        }
      }
      if (lanes[at.host()] >= 0) {
        known[at.host()] = known[at.host()].clone();
        known[at.host()][lanes[at.host()]] = at.event();
      }
      if (run.hosts().get(at.host()).events().get(at.event()).type() == DriftEvent.Type.SEND) {
        sent.put(at, known[at.host()]);
      }
    }
    return through;
  }
}
