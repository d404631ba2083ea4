package dev.tidings.router;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What the router counts: in the service's context, for any thread to read. */
final class RouterCounts {
  final LongAdder hosts = new LongAdder();
  final LongAdder queued = new LongAdder();
  final LongAdder deliveries = new LongAdder();
  final LongAdder undeliverable = new LongAdder();
  final LongAdder hostsLost = new LongAdder();
  volatile int experiments;

  /** Shows them; docs/operations.md lists them. */
  void showIn(MeterRegistry registry) {
    gauge(registry, "tidings.router.hosts", "Hosts whose streams are open", hosts);
    gauge(
        registry,
        "tidings.router.queued.messages",
        "Messages that wait for hosts to take them",
        queued);
    Gauge.builder("tidings.router.experiments", () -> experiments)
        .description("Experiments that gather hosts or run")
        .register(registry);
    counter(
        registry,
        "tidings.router.deliveries",
        "Messages passed on, once for each recipient",
        deliveries);
    counter(
        registry,
        "tidings.router.undeliverable",
        "Messages that had no recipient, or came before the start",
        undeliverable);
    counter(
        registry, "tidings.router.hosts.lost", "Hosts that left a run before its end", hostsLost);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, LongAdder value) {
    Gauge.builder(name, value::sum).description(description).register(registry);
  }

  private static void counter(
      MeterRegistry registry, String name, String description, LongAdder value) {
    FunctionCounter.builder(name, value, LongAdder::sum)
        .description(description)
        .register(registry);
  }
}
