package dev.tidings.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.drift.DriftEvent;
import dev.tidings.lab.analysis.LoggedEvent;
import dev.tidings.lab.analysis.LoggedEvent.LoggedMessage;
import dev.tidings.lab.analysis.Run;
import dev.tidings.spacetime.ShiVizLog;
import dev.tidings.spacetime.SpaceTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** A run's events for other programs, all hosts together, each event behind what it follows. */
public final class Exports {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Exports() {}

  /** A log that ShiViz opens as it is; vector clocks are computed from the messages. */
  public static String shiviz(Run run) {
    var index = new HashMap<Run.Sending, Integer>();
    var events = new ArrayList<SpaceTime.Event>();
    var messages = new ArrayList<SpaceTime.Message>();
    long micros = 0;
    for (Run.Sending at : run.causalOrder()) {
      LoggedEvent event = event(run, at);
      // Clocks of different machines may disagree: in the diagram's order time does not go back.
      micros = Math.max(micros, Math.round(run.seconds(at.host(), at.event()) * 1e6));
      index.put(at, events.size());
      Run.Sending sending = run.hosts().get(at.host()).sendings().get(at.event());
      Integer sent = sending == null ? null : index.get(sending);
      if (sent != null && sending != null && sending.host() != at.host()) {
        messages.add(new SpaceTime.Message(sent, events.size()));
      }
      events.add(
          new SpaceTime.Event(
              at.host(),
              switch (event.type()) {
                case SEND -> SpaceTime.Kind.WRITE;
                case RECEIVE -> SpaceTime.Kind.RECEIVE;
                case INTERNAL -> SpaceTime.Kind.READ;
              },
              micros,
              label(event)));
    }
    return ShiVizLog.of(
        new SpaceTime(
            run.name(),
            run.hosts().stream().map(host -> "host-" + host.id()).toList(),
            events,
            messages,
            List.of()));
  }

  private static LoggedEvent event(Run run, Run.Sending at) {
    return run.hosts().get(at.host()).events().get(at.event());
  }

  private static String label(LoggedEvent event) {
    LoggedMessage message = event.message();
    return switch (event.type()) {
          case INTERNAL -> "internal event";
          case SEND -> "sends" + (message == null ? "" : " " + message.type());
          case RECEIVE -> "receives" + (message == null ? "" : " " + message.type());
        }
        + " (Lamport time %d, queue %d)".formatted(event.lamportTime(), event.queueLength());
  }

  /** All events as a table. */
  public static Table table(Run run) {
    var rows = new ArrayList<List<Object>>();
    for (Run.Sending at : run.causalOrder()) {
      LoggedEvent event = event(run, at);
      LoggedMessage message = event.message();
      rows.add(
          List.of(
              run.hosts().get(at.host()).id(),
              at.event() + 1,
              event.type().name(),
              run.seconds(at.host(), at.event()),
              event.lamportTime(),
              event.queueLength(),
              message == null ? "" : message.type(),
              message == null ? "" : message.source(),
              message == null ? "" : message.lamportTime(),
              event.type() == DriftEvent.Type.RECEIVE && message != null
                  ? event.systemSeconds() - message.systemSeconds()
                  : ""));
    }
    return new Table(
        "events",
        "Events",
        List.of(
            "host",
            "number",
            "event_type",
            "seconds",
            "logical_clock_time",
            "message_queue_size",
            "message_type",
            "message_source",
            "message_logical_clock_time",
            "message_age_seconds"),
        rows);
  }

  /** The same table as an array of objects, without what is empty. */
  public static String json(Run run) {
    Table table = table(run);
    ArrayNode events = JSON.createArrayNode();
    for (List<Object> row : table.rows()) {
      ObjectNode event = events.addObject();
      for (int i = 0; i < row.size(); i++) {
        if (!row.get(i).equals("")) {
          event.putPOJO(table.columns().get(i), row.get(i));
        }
      }
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(events) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
