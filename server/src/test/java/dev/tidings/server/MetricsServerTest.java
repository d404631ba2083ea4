package dev.tidings.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  private final MetricsServer metrics = new MetricsServer("test");
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws IOException {
    metrics.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void metrics_are_named_as_prometheus_has_it() throws Exception {
    MetricsServer.histogram(metrics.registry(), "tidings.storage.sync", "Syncs")
        .record(Duration.ofMillis(3));
    HttpResponse<String> response = get("/metrics");
    assertEquals(200, response.statusCode());
    assertEquals("text/plain; version=0.0.4; charset=utf-8", type(response));
    for (String line :
        List.of(
            "# TYPE tidings_storage_sync_seconds histogram",
            "tidings_storage_sync_seconds_bucket{le=\"0.0025\"} 0",
            "tidings_storage_sync_seconds_bucket{le=\"0.005\"} 1",
            "tidings_storage_sync_seconds_count 1",
            "tidings_storage_sync_seconds_sum 0.003",
            "tidings_storage_sync_seconds_max 0.003",
            "# TYPE jvm_memory_used_bytes gauge",
            "# TYPE process_cpu_seconds_total counter")) {
      assertTrue(response.body().lines().anyMatch(line::equals), () -> line + response.body());
    }
  }

  @Test
  void who_asks_for_open_metrics_gets_them() throws Exception {
    HttpResponse<String> response =
        send(
            request("/metrics")
                .header("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"));
    assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", type(response));
    assertTrue(response.body().endsWith("# EOF\n"), response.body());
  }

  @Test
  void nothing_else_is_there() throws Exception {
    assertEquals(404, get("/").statusCode());
    assertEquals(404, get("/metrics/more").statusCode());
    HttpResponse<String> post =
        send(request("/metrics").POST(HttpRequest.BodyPublishers.ofString("x")));
    assertEquals(405, post.statusCode());
  }

  @Test
  void port_in_use_is_named() {
    var other = new MetricsServer("other");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                other.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), metrics.port())));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith("cannot serve metrics on localhost:" + metrics.port()),
        e.getMessage());
    other.close();
  }

  private static String type(HttpResponse<String> response) {
    return response.headers().firstValue("Content-Type").orElseThrow();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metrics.port() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
