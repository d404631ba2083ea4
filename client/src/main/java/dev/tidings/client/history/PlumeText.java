package dev.tidings.client.history;

import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes {@link HistoryFormat#PLUME}. */
final class PlumeText {
  private static final Pattern LINE =
      Pattern.compile(
          "\\s*([rw])\\s*\\(\\s*(-?\\d{1,19})\\s*,\\s*(-?\\d{1,19})\\s*,\\s*(-?\\d{1,19})\\s*,"
              + "\\s*(-?\\d{1,19})\\s*\\)\\s*");
  private static final String ABORTED = "-1";
  private static final String NEVER_WRITTEN = "0";

  private final History.Builder history = new History.Builder();
  private final Map<String, Transaction> open = new LinkedHashMap<>();
  private final Map<String, Set<String>> closed = new LinkedHashMap<>();

  private record Operation(int line, boolean isWrite, String key, String value) {}

  private record Transaction(String id, List<Operation> operations) {}

  private PlumeText() {}

  static History read(InputStream in) throws IOException {
    var text = new PlumeText();
    var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        text.take(number, line);
      }
    }
    text.open.forEach(text::close);
    return text.history.build();
  }

  private void take(int line, String text) {
    Matcher parts = LINE.matcher(text);
    if (!parts.matches()) {
      throw new BadHistoryException(
          "line %d: this is not r(key,value,session,txn) or w(key,value,session,txn) with integers"
              .formatted(line));
    }
    boolean isWrite = parts.group(1).equals("w");
    String value = number(parts.group(3));
    if (isWrite && value.equals(NEVER_WRITTEN)) {
      throw new BadHistoryException(
          "line %d: a write of 0, which stands for a key that was never written".formatted(line));
    }
    String session = number(parts.group(4));
    String id = number(parts.group(5));
    var operation = new Operation(line, isWrite, number(parts.group(2)), value);
    history.session(session);
    if (id.equals(ABORTED)) {
      add(session, Outcome.ABORTED, List.of(operation));
      return;
    }
    Transaction current = open.get(session);
    if (current != null && !current.id().equals(id)) {
      close(session, current);
    }
    if (current == null || !current.id().equals(id)) {
      if (closed.getOrDefault(session, Set.of()).contains(id)) {
        throw new BadHistoryException(
            "line %d: transaction %s of session %s goes on after another one"
                .formatted(line, id, session));
      }
      current = new Transaction(id, new ArrayList<>(1));
      open.put(session, current);
    }
    current.operations().add(operation);
  }

  /** One spelling for each number. */
  private static String number(String digits) {
    boolean plain = digits.equals("0") || digits.matches("-?[1-9]\\d*");
    return plain ? digits : new java.math.BigInteger(digits).toString();
  }

  private void close(String session, Transaction transaction) {
    add(session, Outcome.OK, transaction.operations());
    closed.computeIfAbsent(session, s -> new HashSet<>()).add(transaction.id());
  }

  private void add(String session, Outcome outcome, List<Operation> operations) {
    history.group(session, outcome, null, History.NO_TIME, History.NO_TIME);
    for (Operation each : operations) {
      if (each.isWrite()) {
        history.write(each.line(), each.key(), each.value(), null);
      } else if (each.value().equals(NEVER_WRITTEN)) {
        history.readNeverWritten(each.line(), each.key());
      } else {
        history.read(each.line(), each.key(), each.value(), null);
      }
    }
  }

  static void write(History history, Numbers numbers, OutputStream out) throws IOException {
    try (Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.US_ASCII))) {
      for (int group = 0; group < history.groups(); group++) {
        String id = history.outcome(group) == Outcome.ABORTED ? ABORTED : Integer.toString(group);
        for (int op = history.begin(group); op < history.end(group); op++) {
          text.write(
              "%s(%s,%s,%s,%s)\n"
                  .formatted(
                      history.isWrite(op) ? "w" : "r",
                      numbers.key(op),
                      numbers.value(op, NEVER_WRITTEN),
                      numbers.session(group),
                      id));
        }
      }
    }
  }
}
