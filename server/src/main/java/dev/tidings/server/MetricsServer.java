package dev.tidings.server;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** A process's metrics, and the port where Prometheus reads them. */
public final class MetricsServer implements AutoCloseable {
  private static final String PATH = "/metrics";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final int THREADS = 2;
  private static final long STOP_SECONDS = 5;

  /** From a sync of a good disk to the delays of a bad day. */
  private static final Duration[] BUCKETS =
      LongStream.of(
              100,
              250,
              500,
              1_000,
              2_500,
              5_000,
              10_000,
              25_000,
              50_000,
              100_000,
              250_000,
              500_000,
              1_000_000,
              2_500_000,
              5_000_000,
              10_000_000,
              30_000_000,
              60_000_000)
          .mapToObj(micros -> Duration.ofNanos(1_000 * micros))
          .toArray(Duration[]::new);

  static {
    // The JDK's server has no other bound on a request that never ends, and would keep its thread.
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "10");
    System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", "10");
  }

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final HttpServer http;
  private final ExecutorService threads;

  /**
   * @param name of the process, for its threads
   */
  public MetricsServer(String name) {
    try {
      http = HttpServer.create();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // As labels are written in Prometheus.
    registry
        .config()
        .meterFilter(MeterFilter.renameTag("grpc", "methodType", "method_type"))
        .meterFilter(MeterFilter.renameTag("grpc", "statusCode", "status_code"));
    threads = Executors.newFixedThreadPool(THREADS, task -> new Thread(task, name + "-metrics"));
    http.setExecutor(threads);
    http.createContext("/", this::answer);
    new JvmMemoryMetrics().bindTo(registry);
    gc.bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      // Micrometer's own counts nanoseconds.
      FunctionCounter.builder("process.cpu.seconds", system, s -> s.getProcessCpuTime() / 1e9)
          .description("CPU time that the process used")
          .register(registry);
    }
  }

  /**
   * Begins to answer.
   *
   * @throws IOException if the port cannot be had; the message names it
   */
  public void start(InetSocketAddress address) throws IOException {
    try {
      http.bind(address, 0);
    } catch (IOException e) {
      throw new IOException(
          "cannot serve metrics on %s:%d: %s; is another process using it?"
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    }
    http.start();
  }

  public MeterRegistry registry() {
    return registry;
  }

  /** Counts and times the calls of a gRPC server, by method and status code. */
  public ServerInterceptor interceptor() {
    return new MetricCollectingServerInterceptor(
        registry,
        UnaryOperator.identity(),
        timer -> timer.serviceLevelObjectives(BUCKETS),
        Status.Code.OK);
  }

  /** A histogram of durations, with buckets that suit all of ours. */
  public static Timer histogram(MeterRegistry registry, String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** Once it has started. */
  public int port() {
    return http.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (!head && !exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      String accept =
          String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
      String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
      exchange.getResponseHeaders().set("Content-Type", type);
      if (head) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      // First all of it: a failure must not look like a short but complete answer.
      var body = new ByteArrayOutputStream();
      registry.scrape(body, type);
      exchange.sendResponseHeaders(200, body.size());
      body.writeTo(exchange.getResponseBody());
    }
  }

  /** Frees the port; when it returns, nothing that is measured is read any more. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdown();
    try {
      threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    gc.close();
    registry.close();
  }
}
