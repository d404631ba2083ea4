package dev.tidings.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A headless Chromium, driven over the DevTools protocol. Confined to one thread. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> arrived = new LinkedBlockingQueue<>();
  private final List<JsonNode> events = new ArrayList<>();
  private int lastId;

  private Browser(Process process, URI page) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                page,
                new WebSocket.Listener() {
                  private final StringBuilder text = new StringBuilder();

                  @Override
                  public CompletionStage<?> onText(
                      WebSocket from, CharSequence part, boolean last) {
                    text.append(part);
                    if (last) {
                      try {
                        arrived.add(JSON.readTree(text.toString()));
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      }
                      text.setLength(0);
                    }
                    from.request(1);
                    return CompletableFuture.completedStage(null);
                  }
                })
            .join();
  }

  /** Where Chromium is installed; empty if it is not. */
  static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .flatMap(
            directory ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(directory).resolve(name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it with an empty page.
   *
   * @param profile a fresh directory
   */
  static Browser start(Path program, Path profile) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--window-size=1200,1400",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("output").toFile())
            .start();
    try {
      Path portFile = profile.resolve("DevToolsActivePort");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!Files.exists(portFile) || Files.readAllLines(portFile).size() < 2) {
        if (System.nanoTime() > end || process.waitFor(50, TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "Chromium did not start: " + Files.readString(profile.resolve("output")));
        }
      }
      String port = Files.readAllLines(portFile).get(0);
      var pages =
          HttpClient.newHttpClient()
              .send(
                  java.net.http.HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + port + "/json/list"))
                      .build(),
                  java.net.http.HttpResponse.BodyHandlers.ofString());
      for (JsonNode page : JSON.readTree(pages.body())) {
        if (page.path("type").asText().equals("page")) {
          return new Browser(process, URI.create(page.path("webSocketDebuggerUrl").asText()));
        }
      }
      throw new IOException("Chromium has no page");
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Calls a method of the protocol, and returns its result. */
  JsonNode call(String method, ObjectNode parameters) throws IOException, InterruptedException {
    int id = ++lastId;
    ObjectNode call = JSON.createObjectNode().put("id", id).put("method", method);
    call.set("params", parameters);
    socket.sendText(JSON.writeValueAsString(call), true).join();
    JsonNode answer = await(message -> message.path("id").asInt() == id);
    if (answer.has("error")) {
      throw new IOException(method + ": " + answer.path("error"));
    }
    return answer.path("result");
  }

  static ObjectNode parameters() {
    return JSON.createObjectNode();
  }

  /** Waits for a message; the events before it are kept. */
  private JsonNode await(Predicate<JsonNode> wanted) throws IOException, InterruptedException {
    while (true) {
      JsonNode message = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new IOException("Chromium does not answer");
      }
      if (message.has("method")) {
        events.add(message);
      }
      if (wanted.test(message)) {
        return message;
      }
    }
  }

  /** Opens a page, and returns when it has loaded. */
  void open(URI page) throws IOException, InterruptedException {
    call("Page.enable", parameters());
    call("Runtime.enable", parameters());
    call("Log.enable", parameters());
    call("Network.enable", parameters());
    call("Page.navigate", parameters().put("url", page.toString()));
    await(message -> message.path("method").asText().equals("Page.loadEventFired"));
  }

  /** The value of an expression in the page. */
  JsonNode evaluate(String expression) throws IOException, InterruptedException {
    JsonNode result =
        call(
            "Runtime.evaluate",
            parameters().put("expression", expression).put("returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  void moveMouse(double x, double y) throws IOException, InterruptedException {
    call(
        "Input.dispatchMouseEvent", parameters().put("type", "mouseMoved").put("x", x).put("y", y));
  }

  /** Turns the wheel once, away from the hand, with the mouse at a place. */
  void turnWheel(double x, double y, boolean isCtrlHeld) throws IOException, InterruptedException {
    ObjectNode turn = parameters().put("type", "mouseWheel").put("x", x).put("y", y);
    call(
        "Input.dispatchMouseEvent",
        turn.put("deltaX", 0).put("deltaY", -100).put("modifiers", isCtrlHeld ? 2 : 0));
  }

  /** All events so far of one kind, such as Runtime.exceptionThrown. */
  List<JsonNode> events(String method) {
    return events.stream().filter(event -> event.path("method").asText().equals(method)).toList();
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    // The profile is deleted next; its files are free when the process has ended.
    process.destroyForcibly().onExit().join();
  }
}
