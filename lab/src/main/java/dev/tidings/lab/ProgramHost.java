package dev.tidings.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.Target;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's own host, in any language: a program that reads JSON Lines from its standard input and
 * answers each tick with one on its standard output; docs/lab.md has the lines. Its Lamport clock
 * is its own; the vector clock is kept here, so that the report can say what was right. A program
 * that answers a tick with no line or with several is written down as it is.
 */
final class ProgramHost implements TickedHost {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long READY_MILLIS = 10_000;
  private static final long ANSWER_MILLIS = 1_000;
  private static final int SILENT_TICKS = 3;
  private static final long STOP_MILLIS = 1_000;

  /** A program that says more at a tick has lost its way. */
  private static final int MAX_ANSWERS = 100;

  /** So many answers wait at most; then the program has to wait. */
  private static final int WAITING_ANSWERS = 1_000;

  private final int id;
  private final Process process;
  private final BufferedWriter input;

  /** Lines; an empty one in the end. */
  private final BlockingQueue<Optional<String>> answers = new ArrayBlockingQueue<>(WAITING_ANSWERS);

  private final Thread killer;
  private final Map<String, DriftMessage> delivered = new HashMap<>();
  private List<Integer> others = List.of();
  private VectorClock vectorClock = VectorClock.ZERO;
  private long tick;
  private int silentTicks;
  private boolean hasEnded;

  private ProgramHost(int id, Process process) {
    this.id = id;
    this.process = process;
    this.input =
        new BufferedWriter(
            new java.io.OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    var reader = new Thread(this::read, "host-" + id + "-answers");
    reader.setDaemon(true);
    reader.start();
    // No program outlives this one, however that ends.
    this.killer = new Thread(this::kill, "host-" + id + "-kill");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /** Starts the program by the shell; it has to begin before it is ticked. */
  static ProgramHost start(String command, int id) throws IOException {
    return new ProgramHost(
        id,
        new ProcessBuilder("sh", "-c", command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Tells the program who it is, and returns once it is ready.
   *
   * @param known whom the host knows, ascending
   */
  void begin(List<Integer> known, double probInternal, long seed)
      throws IOException, InterruptedException {
    others = List.copyOf(known);
    ObjectNode line = JSON.createObjectNode().put("kind", "start").put("host", id);
    others.forEach(line.putArray("others")::add);
    tell(line.put("prob_internal", probInternal).put("seed", seed));
    String answer = await(READY_MILLIS, "before it was ready");
    if (answer == null) {
      throw new LabException(
          "host %d: the program did not say within %d ms that it is ready; does it flush its output?"
              .formatted(id, READY_MILLIS));
    }
    boolean isReady;
    try {
      isReady = JSON.readTree(answer).path("kind").asText().equals("ready");
    } catch (JsonProcessingException e) {
      isReady = false;
    }
    if (!isReady) {
      throw problem(answer, "to the start is not {\"kind\": \"ready\"}", null);
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        answers.put(Optional.of(line));
      }
    } catch (IOException | UncheckedIOException e) {
      // The program is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      answers.put(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The next line; null if none comes in time.
   *
   * @throws LabException if there will be none any more
   */
  private @Nullable String await(long millis, String when) throws InterruptedException {
    Optional<String> answer =
        hasEnded ? Optional.empty() : answers.poll(millis, TimeUnit.MILLISECONDS);
    if (answer != null && answer.isEmpty()) {
      hasEnded = true;
      throw new LabException("host %d: the program ended %s%s".formatted(id, when, exitWords()));
    }
    return answer == null ? null : answer.get();
  }

  private void tell(ObjectNode line) throws IOException {
    try {
      input.write(JSON.writeValueAsString(line));
      input.write('\n');
      input.flush();
    } catch (IOException e) {
      throw new LabException(
          "host %d: the program does not read any more%s".formatted(id, exitWords()), e);
    }
  }

  /** A program that has closed its output has mostly ended, or is about to. */
  private String exitWords() {
    try {
      return process.waitFor(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
          ? ", with exit code " + process.exitValue()
          : "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public void deliver(DriftMessage message) throws IOException {
    String name = message.from() + "." + message.vectorClock().of(message.from());
    delivered.put(name, message);
    tell(
        JSON.createObjectNode()
            .put("kind", "message")
            .put("id", name)
            .put("source", message.from())
            .put("type", Target.typeName(message.target()))
            .put("logical_clock_time", message.lamportTime())
            .put("system_clock_time", message.sentAtMicros() / 1e6)
            .put("payload", message.payload()));
  }

  @Override
  public List<Ticked> tick(long nowMicros) throws IOException, InterruptedException {
    var events = new ArrayList<Ticked>();
    // What came since the last answer belongs to the last tick.
    takeWaiting(events, Math.max(0, tick - 1), nowMicros);
    tell(
        JSON.createObjectNode()
            .put("kind", "tick")
            .put("tick", tick)
            .put("system_clock_time", nowMicros / 1e6));
    String answer = await(ANSWER_MILLIS, "at tick " + tick);
    if (answer == null) {
      silentTicks++;
      if (silentTicks == SILENT_TICKS) {
        throw new LabException(
            "host %d: the program did not answer tick %d within %d ms; does it flush its output?"
                .formatted(id, tick, ANSWER_MILLIS));
      }
    } else {
      silentTicks = 0;
      events.add(new Ticked(event(answer, nowMicros), tick));
      takeWaiting(events, tick, nowMicros);
    }
    tick++;
    return events;
  }

  /** Takes the answers that are there already. */
  private void takeWaiting(List<Ticked> events, long ofTick, long nowMicros)
      throws InterruptedException {
    while (answers.peek() != null && !answers.peek().isEmpty()) {
      events.add(new Ticked(event(answers.take().orElseThrow(), nowMicros), ofTick));
      if (events.size() > MAX_ANSWERS) {
        throw new LabException(
            "host %d: the program gave more than %d answers to tick %d"
                .formatted(id, MAX_ANSWERS, ofTick));
      }
    }
  }

  private DriftEvent event(String line, long nowMicros) {
    JsonNode answer;
    try {
      answer = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw problem(line, "is not JSON", e);
    }
    DriftEvent.Type type;
    try {
      type = DriftEvent.Type.valueOf(answer.path("event_type").asText());
    } catch (IllegalArgumentException e) {
      throw problem(line, "has no event_type of RECEIVE, SEND or INTERNAL", e);
    }
    if (!isWhole(answer, "logical_clock_time")
        || answer.path("logical_clock_time").asLong() < 1
        || answer.path("logical_clock_time").asLong() > Experiment.SEEDS) {
      throw problem(line, "has no logical_clock_time of 1 to 2^53", null);
    }
    if (!isWhole(answer, "message_queue_size")
        || answer.path("message_queue_size").asLong() < 0
        || answer.path("message_queue_size").asLong() > Integer.MAX_VALUE) {
      throw problem(line, "has no message_queue_size of 0 or more", null);
    }
    long time = answer.path("logical_clock_time").asLong();
    DriftMessage message = null;
    List<Integer> to = List.of();
    if (type == DriftEvent.Type.RECEIVE) {
      message = delivered.remove(answer.path("message").asText());
      if (message == null) {
        throw problem(
            line, "names in \"message\" no id of a message that waits to be received", null);
      }
      vectorClock = vectorClock.merge(message.vectorClock());
    }
    vectorClock = vectorClock.tick(id);
    if (type == DriftEvent.Type.SEND) {
      var recipients = new ArrayList<Integer>();
      answer.path("to").forEach(host -> recipients.add(host.asInt()));
      to = recipients.stream().sorted().toList();
      int target = to.equals(others) && to.size() != 1 ? Target.BROADCAST : -1;
      if (to.size() == 1) {
        target = others.indexOf(to.get(0)) + 1;
      }
      if (target < 0 || (target == 0 && to.size() == 1)) {
        throw problem(line, "goes \"to\" neither one of " + others + " nor to all", null);
      }
      message =
          new DriftMessage(
              id, target, time, vectorClock, nowMicros, answer.path("payload").asText());
    }
    return new DriftEvent(
        type,
        id,
        nowMicros,
        time,
        vectorClock,
        answer.path("message_queue_size").asInt(),
        message,
        to);
  }

  private static boolean isWhole(JsonNode answer, String name) {
    return answer.path(name).isIntegralNumber() && answer.path(name).canConvertToLong();
  }

  private LabException problem(String line, String what, @Nullable Exception cause) {
    String told = line.length() > 200 ? line.substring(0, 200) + "…" : line;
    String text = "host %d: the program's answer %s: %s".formatted(id, what, told);
    return cause == null ? new LabException(text) : new LabException(text, cause);
  }

  /** Tells the program to stop, and ends it if it does not. */
  @Override
  public void close() {
    try {
      input.write("{\"kind\":\"stop\"}\n");
      input.close();
      if (!process.waitFor(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (IOException e) {
      // It does not read any more, but may still be there.
      kill();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // It is running.
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
