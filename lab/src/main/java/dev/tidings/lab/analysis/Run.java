package dev.tidings.lab.analysis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.Target;
import dev.tidings.lab.LabException;
import dev.tidings.lab.analysis.LoggedEvent.LoggedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run as its directory has it: the hosts' logs, what it was made with as far as {@code args.json}
 * says, and which receipt belongs to which sending. Times are seconds since the first event of all.
 * Immutable.
 */
public final class Run {
  private static final Pattern LOG =
      Pattern.compile("(?:host|client)-.*\\.jsonl?|.*\\.(?:jsonl|log\\.json)");
  private static final Pattern LAST_NUMBER = Pattern.compile("([0-9]+)[^0-9]*$");

  /** A log that ends earlier by this part of the run, and by so many ticks, is short. */
  private static final double SHORT = 0.05;

  private static final int SHORT_TICKS = 3;

  /** Of so large a part of the receipts the sending may be unknown. */
  private static final double MAX_UNKNOWN = 0.01;

  private final String name;
  private final List<Host> hosts;
  private final List<String> notes;
  private final JsonNode args;
  private final double start;
  private final boolean isWhole;

  /** Where a log ends long before the run: when, in seconds since the first event of all. */
  private final Map<Integer, Double> ends;

  /**
   * A host of the run.
   *
   * @param id its number, as its file's name or its events have it
   * @param nominalRate ticks a second as asked for; empty where that is not known
   * @param sendings for each event, where it is a receipt whose sending is known: that
   * @param recipients for each event the places of the hosts to which it was sent, among the hosts
   *     of which there are logs; without those on whose way it got lost, where that is known
   */
  public record Host(
      int id,
      List<LoggedEvent> events,
      OptionalDouble nominalRate,
      List<@Nullable Sending> sendings,
      List<List<Integer>> recipients) {
    /** Seconds since the first event of all. */
    double seconds(int event, double start) {
      return events.get(event).systemSeconds() - start;
    }
  }

  /**
   * A sending: places among the hosts, and among that host's events.
   *
   * @param host the place of the sender
   */
  public record Sending(int host, int event) {}

  private Run(
      String name,
      List<Host> hosts,
      List<String> notes,
      JsonNode args,
      double start,
      Map<Integer, Double> ends,
      boolean isLinked) {
    this.name = name;
    this.hosts = List.copyOf(hosts);
    this.notes = List.copyOf(notes);
    this.args = args;
    this.start = start;
    this.ends = Map.copyOf(ends);
    this.isWhole = allHosts() == hosts.size() && ends.isEmpty() && isLinked;
  }

  /**
   * Reads a directory, and says in {@link #notes} what it left out.
   *
   * @throws LabException if there is no log, or one cannot be read
   */
  public static Run read(Path directory) {
    var notes = new ArrayList<String>();
    JsonNode args = args(directory, notes);
    var logs = new ArrayList<LoggedHost>();
    for (Path file : files(directory)) {
      RunLog log = RunLog.read(file);
      String fileName = String.valueOf(file.getFileName());
      if (log.isTruncated()) {
        notes.add(
            fileName
                + " is cut off: "
                + log.events().size()
                + " whole events are read, and the rest is left out");
      }
      if (log.events().isEmpty()) {
        notes.add(fileName + " has no events, and is left out");
      } else {
        logs.add(new LoggedHost(number(fileName), fileName, log.events()));
      }
    }
    if (logs.isEmpty()) {
      throw new LabException(
          "there are no logs of hosts (host-*.jsonl, client-*.json) with events in " + directory);
    }
    logs.sort(Comparator.comparingInt(LoggedHost::id).thenComparing(LoggedHost::fileName));
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return new Linking(logs, args, notes).run(name == null ? "run" : name.toString());
  }

  private record LoggedHost(int id, String fileName, List<LoggedEvent> events) {}

  private static JsonNode args(Path directory, List<String> notes) {
    Path file = directory.resolve("args.json");
    var json = new ObjectMapper();
    if (Files.exists(file)) {
      try {
        return json.readTree(file.toFile());
      } catch (IOException e) {
        notes.add("args.json cannot be read, and is left out");
      }
    } else {
      notes.add("there is no args.json: rates and probability are taken from the events");
    }
    return json.createObjectNode();
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> LOG.matcher(String.valueOf(file.getFileName())).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LabException("cannot read the directory " + directory, e);
    }
  }

  private static int number(String fileName) {
    Matcher matcher = LAST_NUMBER.matcher(fileName);
    try {
      return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Puts hosts and messages together. */
  private static final class Linking {
    private final List<LoggedHost> logs;
    private final JsonNode args;
    private final List<String> notes;
    private final Map<String, Integer> placeBySource = new HashMap<>();
    private final Map<Integer, Integer> placeById = new HashMap<>();
    private final Map<LoggedMessage, Sending> sendings = new HashMap<>();
    private final LinkModel link;
    private final ExperimentSeed seed;

    Linking(List<LoggedHost> logs, JsonNode args, List<String> notes) {
      this.logs = logs;
      this.args = args;
      this.notes = notes;
      // In a run of ours the seed decides what gets lost.
      boolean isKnown = args.has("mode") && args.path("seed").isNumber();
      double loss = args.path("loss").asDouble(0);
      this.link =
          new LinkModel(LinkModel.PERFECT.delay(), isKnown && loss > 0 && loss <= 1 ? loss : 0);
      this.seed = new ExperimentSeed(args.path("seed").asLong());
    }

    Run run(String name) {
      Set<Integer> twice = new HashSet<>();
      for (int place = 0; place < logs.size(); place++) {
        LoggedHost log = logs.get(place);
        if (placeById.put(log.id(), place) != null) {
          twice.add(log.id());
        }
        for (int i = 0; i < log.events().size(); i++) {
          LoggedMessage message = log.events().get(i).message();
          if (message != null && log.events().get(i).type() == DriftEvent.Type.SEND) {
            placeBySource.put(message.source(), place);
            sendings.put(message, new Sending(place, i));
          }
        }
      }
      twice.forEach(placeById::remove);
      double start =
          logs.stream().mapToDouble(log -> log.events().get(0).systemSeconds()).min().orElse(0);
      var hosts = new ArrayList<Host>();
      int unknown = 0;
      int receipts = 0;
      for (int place = 0; place < logs.size(); place++) {
        Host host = host(place);
        hosts.add(host);
        for (int i = 0; i < host.events().size(); i++) {
          boolean isReceipt = host.events().get(i).type() == DriftEvent.Type.RECEIVE;
          receipts += isReceipt ? 1 : 0;
          unknown += isReceipt && host.sendings().get(i) == null ? 1 : 0;
        }
      }
      if (unknown > 0) {
        notes.add(
            "of %d receipts the sending is in none of the logs; nothing that needs it counts them"
                .formatted(unknown));
      }
      return new Run(
          args.path("exp_name").asText(name),
          hosts,
          notes,
          args,
          start,
          ends(start),
          unknown <= MAX_UNKNOWN * receipts);
    }

    /** Which logs end long before the others, by place: they are cut off, or their host died. */
    private Map<Integer, Double> ends(double start) {
      double duration =
          logs.stream().mapToDouble(log -> last(log).systemSeconds() - start).max().orElse(0);
      var ends = new HashMap<Integer, Double>();
      for (int place = 0; place < logs.size(); place++) {
        LoggedHost log = logs.get(place);
        double first = log.events().get(0).systemSeconds() - start;
        double end = last(log).systemSeconds() - start;
        double interval = (end - first) / Math.max(1, log.events().size() - 1);
        boolean isShort = duration - end > Math.max(SHORT * duration, SHORT_TICKS * interval);
        if (isShort && log.events().size() > 1) {
          ends.put(place, end);
          notes.add(
              String.format(
                  Locale.ROOT,
                  "%s ends at %.1f s of %.1f s: drift is told up to there, and what was sent later is not known",
                  log.fileName(),
                  end,
                  duration));
        }
      }
      return ends;
    }

    private static LoggedEvent last(LoggedHost log) {
      return log.events().get(log.events().size() - 1);
    }

    private Host host(int place) {
      LoggedHost log = logs.get(place);
      var from = new ArrayList<@Nullable Sending>();
      var recipients = new ArrayList<List<Integer>>();
      for (int i = 0; i < log.events().size(); i++) {
        LoggedEvent event = log.events().get(i);
        LoggedMessage message = event.message();
        from.add(
            event.type() == DriftEvent.Type.RECEIVE && message != null
                ? sendings.get(message)
                : null);
        int number = i;
        recipients.add(
            recipients(place, event).stream()
                .filter(to -> !link.loses(seed, log.id(), number, logs.get(to).id()))
                .toList());
      }
      return new Host(log.id(), log.events(), nominalRate(place), from, recipients);
    }

    private List<Integer> recipients(int place, LoggedEvent event) {
      if (event.type() != DriftEvent.Type.SEND) {
        return List.of();
      }
      if (!event.to().isEmpty()) {
        return event.to().stream().filter(placeById::containsKey).map(placeById::get).toList();
      }
      if (event.message() == null) {
        return List.of();
      }
      OptionalInt target = Target.ofTypeName(event.message().type());
      if (target.isEmpty()) {
        return List.of();
      }
      var others = new ArrayList<Integer>();
      for (int other = 0; other < logs.size(); other++) {
        if (other != place) {
          others.add(other);
        }
      }
      if (target.getAsInt() == Target.BROADCAST) {
        return others;
      }
      return target.getAsInt() <= others.size()
          ? List.of(others.get(target.getAsInt() - 1))
          : List.of();
    }

    private OptionalDouble nominalRate(int place) {
      int id = logs.get(place).id();
      JsonNode override = args.path("overrides").path(Integer.toString(id)).path("clock_speed");
      if (override.isNumber()) {
        return OptionalDouble.of(override.asDouble());
      }
      JsonNode speeds = args.path("clock_speeds");
      // Ours are by id; of another implementation's the first speed is the first host's.
      int index = args.has("mode") ? id - 1 : place;
      return speeds.isArray() && speeds.path(index).isNumber()
          ? OptionalDouble.of(speeds.get(index).asDouble())
          : OptionalDouble.empty();
    }
  }

  /**
   * All events, as far as possible by time, but each behind those that happen before it: a host's
   * events in their order, and a receipt behind its sending. What waits for a sending that waits
   * for it, which no true log has, is left out.
   */
  public List<Sending> causalOrder() {
    var order = new ArrayList<Sending>();
    int[] next = new int[hosts.size()];
    var ready =
        new PriorityQueue<Sending>(
            Comparator.comparingDouble((Sending at) -> seconds(at.host(), at.event()))
                .thenComparingInt(Sending::host));
    Map<Sending, List<Sending>> waiting = new HashMap<>();
    Set<Sending> sent = new HashSet<>();
    for (int host = 0; host < hosts.size(); host++) {
      ready.add(new Sending(host, 0));
    }
    while (!ready.isEmpty()) {
      Sending at = ready.remove();
      Sending sending = hosts.get(at.host()).sendings().get(at.event());
      if (sending != null && !sent.contains(sending)) {
        waiting.computeIfAbsent(sending, s -> new ArrayList<>()).add(at);
        continue;
      }
      order.add(at);
      if (hosts.get(at.host()).events().get(at.event()).type() == DriftEvent.Type.SEND) {
        sent.add(at);
        List<Sending> woken = waiting.remove(at);
        if (woken != null) {
          ready.addAll(woken);
        }
      }
      next[at.host()]++;
      if (next[at.host()] < hosts.get(at.host()).events().size()) {
        ready.add(new Sending(at.host(), next[at.host()]));
      }
    }
    return order;
  }

  /** As {@code args.json} has it, or the directory's name. */
  public String name() {
    return name;
  }

  /** Ascending by id; those of which there are logs. */
  public List<Host> hosts() {
    return hosts;
  }

  /** What was left out, or is not known; a line each. */
  public List<String> notes() {
    return notes;
  }

  /** When a host's event was, in seconds since the first of all. */
  public double seconds(int host, int event) {
    return hosts.get(host).seconds(event, start);
  }

  /** Until the last event of all, in seconds since the first. */
  public double duration() {
    double end = 0;
    for (int host = 0; host < hosts.size(); host++) {
      end = Math.max(end, seconds(host, hosts.get(host).events().size() - 1));
    }
    return end;
  }

  /** How many hosts there were, with or without logs. */
  public int allHosts() {
    return Math.max(hosts.size(), args.path("hosts").asInt(0));
  }

  /** Whether there is a log of every host, to the end. */
  public boolean isWhole() {
    return isWhole;
  }

  /** Up to when a host's log tells of it, in seconds since the first event of all. */
  double lastSecond(int host) {
    return ends.getOrDefault(host, duration());
  }

  /** How many others each host knew. */
  int others() {
    return args.path("others").asInt(allHosts() - 1);
  }

  /**
   * The places of those that each host knew; empty if all knew all, or it is not known who whom.
   * Whom a host of ours knows follows from the seed.
   */
  int[][] othersOfAll() {
    int n = hosts.size();
    if (!args.has("mode") || !args.path("seed").isNumber() || !isWhole() || others() >= n - 1) {
      return new int[0][];
    }
    var seed = new ExperimentSeed(args.path("seed").asLong());
    int[][] places = new int[n][];
    for (int place = 0; place < n; place++) {
      // Ids are 1 to n.
      places[place] =
          Arrays.stream(seed.othersOf(place + 1, n, others())).map(id -> id - 1).toArray();
    }
    return places;
  }

  double loss() {
    return args.path("loss").asDouble(0);
  }

  /** The probability of internal events of a host, if that is known. */
  OptionalDouble probInternal(int id) {
    JsonNode own = args.path("overrides").path(Integer.toString(id)).path("prob_internal");
    JsonNode all = own.isNumber() ? own : args.path("prob_internal");
    return all.isNumber() ? OptionalDouble.of(all.asDouble()) : OptionalDouble.empty();
  }

  /** How the run was made: processes, in-process, simulated; empty if it is not one of ours. */
  public String mode() {
    return args.path("mode").asText();
  }
}
