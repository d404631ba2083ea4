package dev.tidings.client.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.history.BadHistoryException;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.RegisterName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Histories come out of their files as they went in, and what is wrong with a file is said. */
class HistoryFilesTest {
  private static final String HEADER = "{\"format\":\"tidings-history\",\"version\":1}\n";

  private static final String EVERYTHING =
      HEADER
          + """
          {"session":"alice","op":"write","key":"x","value":"1","version":"7@1.3","replica":"r1","start":10,"end":12}
          {"session":"alice","op":"delete","key":"x","version":"8@1.3"}
          {"session":"alice","op":"write","key":"y","value":"2","outcome":"unknown"}
          {"session":"bob","op":"read","key":"q","value":null,"version":null}
          {"session":"bob","group":[{"op":"read","key":"x","value":null,"version":"8@1.3"},{"op":"write","key":"z","value":"base64:/w=="}]}
          {"session":"bob","op":"write","key":"x","value":"3","outcome":"aborted"}
          {"session":"bob","group":[{"op":"if","key":"x","version":"8@1.3"},{"op":"if","map":"m","key":"f","version":null},{"op":"write","map":"m","key":"f","value":"4","version":"9@1.3"}]}
          {"session":"bob","op":"delete","type":"map","key":"m","version":"10@1.3"}
          {"session":"bob","op":"read","map":"m","key":"f","value":null,"version":"10@1.3"}
          {"session":"bob","op":"read","map":"m","key":"g","value":null,"version":null}
          {"final":"r1","key":"x","value":null,"version":"8@1.3"}
          {"final":"r1","map":"m","key":"f","value":null,"version":"10@1.3"}
          {"final":"r1","key":"z","value":"base64:/w=="}
          """;

  private static final String RING_PLUME =
      """
      w(1,1,1,0)
      w(1,2,1,1)
      r(1,2,2,2)
      w(2,3,2,3)
      r(2,3,3,4)
      r(1,1,3,5)
      """;

  private final Path directory;

  HistoryFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private History read(String text) throws IOException {
    return HistoryFiles.read(file(text), null, bytes -> {});
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("history"), text);
  }

  private String written(String text, HistoryFormat format) throws IOException {
    Path to = directory.resolve("written");
    HistoryFiles.write(read(text), format, to);
    return Files.readString(to);
  }

  @Test
  void ourFormatSaysEverything() throws IOException {
    assertEquals(EVERYTHING, written(EVERYTHING, HistoryFormat.TIDINGS));
  }

  @Test
  void ourFormatIsReadAsItIsMeant() throws IOException {
    History history = read(EVERYTHING);

    assertEquals(2, history.sessions());
    assertEquals("alice", history.sessionName(history.session(0)));
    assertEquals(List.of("1", "7@1.3"), List.of(history.valueName(0), history.version(0) + ""));
    assertEquals(
        List.of("r1", 10L, 12L),
        List.of(history.replica(0) + "", history.startMicros(0), history.endMicros(0)));
    assertTrue(history.isWrite(1));
    assertNull(history.valueName(1));
    assertEquals(Outcome.UNKNOWN, history.outcome(2));
    assertTrue(history.isOfNeverWritten(history.begin(3)));
    assertEquals(2, history.size(4));
    assertFalse(history.isOfNeverWritten(history.begin(4)));
    assertEquals(Outcome.ABORTED, history.outcome(5));
    assertTrue(history.isCondition(history.begin(6)));
    assertEquals(new RegisterName("m", "f"), history.register(history.begin(6) + 2));
    assertTrue(history.isFinal(10));
    assertEquals("line 6", history.place(history.begin(4)));
  }

  @Test
  void integersStandForTheirDigits() throws IOException {
    History history = read(HEADER + "{\"session\":1,\"op\":\"write\",\"key\":2,\"value\":3}\n");

    assertEquals(
        List.of("1", "2", "3"),
        List.of(history.sessionName(0), history.register(0).key(), history.valueName(0)));
  }

  @Test
  void bytesHaveOneText() {
    byte[] noUtf8 = {(byte) 0xff};

    assertEquals("base64:/w==", HistoryText.of(noUtf8));
    assertEquals("käse", HistoryText.of("käse".getBytes(StandardCharsets.UTF_8)));
    assertEquals("hi", HistoryText.normal("base64:aGk="));
    String misleading = HistoryText.of("base64:hi".getBytes(StandardCharsets.UTF_8));
    assertEquals("base64:YmFzZTY0Omhp", misleading);
    assertEquals(misleading, HistoryText.normal(misleading));
  }

  @Test
  void plumeIsRecognisedAndReadAsItIsMeant() throws IOException {
    History history =
        read(
            """
            w(1,1,7,0)
            w( 2, 5, 8, 3 )
              r(2,5,7,0)

            r(3,0,8,4)
            w(1,9,8,-1)
            """);

    assertEquals(2, history.sessions());
    List<Integer> sizes =
        Arrays.stream(new int[] {0, 1, 2, 3}).map(history::size).sorted().boxed().toList();
    assertEquals(List.of(1, 1, 1, 2), sizes, "session 7's two lines are one transaction");
    int aborted = 0;
    int initial = 0;
    for (int op = 0; op < history.operations(); op++) {
      aborted += history.outcome(history.group(op)) == Outcome.ABORTED ? 1 : 0;
      initial += history.valueName(op) == null ? 1 : 0;
    }
    assertEquals(1, aborted);
    assertEquals(1, initial);
  }

  @ParameterizedTest
  @EnumSource(HistoryFormat.class)
  void everyFormatKeepsTheRingAnomaly(HistoryFormat format) throws IOException {
    String text = written(RING_PLUME, format);
    var judgement = Checker.judge(read(text), Model.CCV, done -> {});

    assertEquals(
        "WriteCORead (writes follow reads)", judgement.violation().orElseThrow().headline());
  }

  @Test
  void dbcopIsReadInAllItsForms() throws IOException {
    String named =
        """
        [[{"events":[{"Write":{"variable":1,"version":1}}],"committed":true}],
         [{"events":[{"Read":{"variable":1,"version":1}},{"Read":{"variable":2,"version":null}},
                     {"Read":{"variable":3,"version":0}}],"committed":true},
          {"events":[{"Write":{"variable":4,"version":9}}],"committed":false}]]
        """;
    String brief =
        """
        {"params":{"id":0,"n_node":2},"info":"x","start":"now","end":"then",
         "data":[[{"events":[["w",1,1]],"committed":true}],
         [{"committed":true,"events":[["r",1,1],["r",2,null],["r",3,0]]},
          {"events":[["w",4,9]],"committed":false}]]}
        """;

    assertEquals(written(named, HistoryFormat.TIDINGS), written(brief, HistoryFormat.TIDINGS));
    History history = read(named);
    assertNull(history.valueName(2));
    assertNull(history.valueName(3));
    assertEquals(Outcome.ABORTED, history.outcome(2));
    assertEquals("session 2, transaction 1, event 2", history.place(2));
  }

  @Test
  void dbcopsZeroIsAVersionWhereSomebodyWroteIt() throws IOException {
    History history =
        read(
            """
            [[{"events":[["r",1,0],["r",2,0]],"committed":true}],[{"events":[["w",1,0]],"committed":true}]]
            """);

    assertEquals("0", history.valueName(0));
    assertNull(history.valueName(1));
  }

  @Test
  void wordsAreNumberedForFormatsOfIntegers() throws IOException {
    String ours =
        HEADER
            + """
            {"session":"alice","op":"write","key":"x","value":"lost"}
            {"session":"bob","op":"read","key":"x","value":"lost"}
            {"session":"bob","op":"read","key":"y","value":null}
            {"session":"alice","op":"write","key":"y","value":"0","outcome":"aborted"}
            """;

    assertEquals(
        "w(1,1,1,0)\nr(1,1,2,1)\nr(2,0,2,2)\nw(2,2,1,-1)\n", written(ours, HistoryFormat.PLUME));
    assertEquals(
        "[[{\"events\":[{\"Write\":{\"variable\":1,\"version\":1}}],\"committed\":true},"
            + "{\"events\":[{\"Write\":{\"variable\":2,\"version\":2}}],\"committed\":false}],"
            + "[{\"events\":[{\"Read\":{\"variable\":1,\"version\":1}}],\"committed\":true},"
            + "{\"events\":[{\"Read\":{\"variable\":2,\"version\":null}}],\"committed\":true}]]\n",
        written(ours, HistoryFormat.DBCOP));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"session":"a","op":"delete","key":"x"}                                  | line 2: plume has no deletes
          {"session":"a","op":"read","map":"m","key":"x","value":null}             | line 2: plume has no maps
          {"session":"a","op":"if","key":"x","version":"1"}                        | line 2: plume has no conditions
          {"session":"a","op":"write","key":"x","value":"1","outcome":"unknown"}   | line 2: plume has no unknown outcomes
          {"final":"r1","key":"x","value":"1"}                                     | line 2: plume has no final states
          """)
  void whatAFormatCannotSayIsRefusedAndNothingIsWritten(String line, String message)
      throws IOException {
    Path to = directory.resolve("written");
    History history = read(HEADER + line + "\n");

    var refusal =
        assertThrows(
            BadHistoryException.class, () -> HistoryFiles.write(history, HistoryFormat.PLUME, to));
    assertEquals(message, refusal.getMessage());
    assertFalse(Files.exists(to));
  }

  @Test
  void oneValueAtTwoVersionsIsRefusedWhereThereAreNone() throws IOException {
    History history =
        read(
            HEADER
                + """
                {"session":"a","op":"write","key":"x","value":"1","version":"1"}
                {"session":"a","op":"write","key":"x","value":"1","version":"2"}
                """);

    var refusal =
        assertThrows(
            BadHistoryException.class,
            () -> HistoryFiles.write(history, HistoryFormat.DBCOP, directory.resolve("written")));
    assertEquals(
        "line 3: dbcop has no versions, which alone tell this write from that of line 2",
        refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"session":"a","op":"write","key":"x"}                                    | line 2: "value" is missing
          {"session":"a","op":"read","key":"x"}                                     | line 2: "value" is missing
          {"session":"a","op":"write","key":"x","value":null}                       | line 2: a write has a value; for a delete, "op" is delete
          {"session":"a","op":"delete","key":"x","value":"1"}                       | line 2: a delete has no value
          {"session":"a","op":"steal","key":"x","value":"1"}                        | line 2: "op" is read, write, delete, if, increment, add, remove or append, but here it is "steal"
          {"session":"a","op":"add","key":"x","value":"1","by":2}                   | line 2: "by" is of increments, and of all of them
          {"session":"a","op":"increment","key":"x"}                                | line 2: "by" is of increments, and of all of them
          {"session":"a","op":"add","key":"x"}                                      | line 2: an add and a removal have "values", a write and an append a "value", an increment has "by", and nobody deletes a feed
          {"session":"a","op":"delete","type":"feed","key":"x"}                     | line 2: an add and a removal have "values", a write and an append a "value", an increment has "by", and nobody deletes a feed
          {"session":"a","op":"add","type":"counter","key":"x","values":["1"]}      | line 2: "op" add is of another type than counter
          {"session":"a","op":"read","type":"heap","key":"x","values":["1"]}        | line 2: "type" is register, multi, counter, set or feed, or of a delete map, but here it is "heap"
          {"session":"a","op":"read","type":"counter","key":"x","values":["1"]}     | line 2: a read of a counter has a "value", of any other object "values"
          {"session":"a","op":"read","type":"counter","key":"x","value":"many"}     | line 2: a counter's "value" is a whole number of 64 bits
          {"session":"a","op":"read","key":"x","value":"1","values":["1"]}          | line 2: an operation on a register has no "values"
          {"session":"a","op":"read","type":"set","key":"x","values":"1"}           | line 2: "values" is an array
          {"session":"a","op":"read","key":"x","value":"1","retried":false}         | line 2: "retried" is true, or left out
          {"session":"a","key":"x","value":"1"}                                     | line 2: "op" is missing
          {"session":"a","op":"read","value":"1"}                                   | line 2: "key" is missing
          {"op":"read","key":"x","value":"1"}                                       | line 2: "session" is missing
          {"session":"a","op":"read","key":"x","value":"1","colour":"red"}          | line 2: there is no field "colour"
          {"session":"a","op":"read","key":"x","value":"1","value":"2"}             | line 2: "value" is told twice
          {"session":"a","op":"read","key":["x"],"value":"1"}                       | line 2: "key" is a string, but here it is an array
          {"session":"a","op":"read","key":"x","value":1.5}                         | line 2: "value" is a string, but here it is a number
          {"session":"a","op":"read","key":"x","value":"1","version":"new"}         | line 2: "new" is no version, such as 7, 7@2 or 7@2.31
          {"session":"a","op":"read","key":"x","value":"1","outcome":"maybe"}       | line 2: "outcome" is ok, aborted or unknown, but here it is "maybe"
          {"session":"a","op":"read","key":"x","value":"1","start":-5}              | line 2: "start" is a whole number of microseconds, 0 or more
          {"session":"a","op":"read","key":"x","value":"base64:!"}                  | line 2: "value" begins with base64: but is no Base64
          {"session":"a","group":[]}                                                | line 2: a group has at least one operation
          {"session":"a","group":[7]}                                               | line 2: "group" is an array of operations, which are objects
          {"session":"a","group":[{"op":"read","key":"x","value":"1"}],"key":"x"}   | line 2: "key" belongs into the group's operations
          {"final":"r1","key":"x","value":"1","session":"a"}                        | line 2: what a replica held at the end has no fields but those of what was read: key, value and version, or type, map, values, changed and more
          {"final":"r1","key":"x"}                                                  | line 2: "value" is missing
          [1,2]                                                                     | line 2: a line is one JSON object, but this is an array
          {"session":"a","op":"read","key":"x","value":"1"} {"session":"a"}         | line 2: one line holds two values
          """)
  void aBadLineOfOursIsNamed(String line, String message) {
    var bad = assertThrows(BadHistoryException.class, () -> read(HEADER + line + "\n"));

    assertEquals(message, bad.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          w(1,1,0)                                              | line 1: this is not r(key,value,session,txn) or w(key,value,session,txn) with integers
          w(1,x,0,0)                                            | line 1: this is not r(key,value,session,txn) or w(key,value,session,txn) with integers
          w(1,0,0,0)                                            | line 1: a write of 0, which stands for a key that was never written
          hello                                                 | line 1: this is no history in one of the formats tidings, plume and dbcop
          ``                                                    | the file is empty
          {"session":"a","op":"read","key":"x","value":"1"}     | line 1: the first line must be {"format":"tidings-history","version":1}
          {"format":"tidings-history","version":2}              | line 1: version 2 of the format is not known here, only 1
          [[{"events":[["x",1,1]],"committed":true}]]           | line 1, session 1, transaction 1: an event is a r or a w, not a "x"
          [[{"events":[]}]]                                     | line 1, session 1, transaction 1: a transaction without "committed"
          [[{"committed":true}]]                                | line 1, session 1, transaction 1: a transaction without "events"
          [[{"events":[{"Write":{"variable":1}}],"committed":true}]] | line 1, session 1, transaction 1: an event without "version"
          [1]                                                   | line 1: a session is an array of transactions
          {"data":7}                                            | line 1: "data" is an array of sessions
          {"info":7}                                            | line 1: an object without "data", the array of sessions
          [] []                                                 | line 1: something follows the history
          """)
  void aBadBeginningIsNamed(String text, String message) {
    var bad = assertThrows(BadHistoryException.class, () -> read(text));

    assertEquals(message, bad.getMessage());
  }

  @Test
  void objectsComeBackAsTheyWere() throws IOException {
    String text =
        HEADER
            + """
            {"session":"a","op":"increment","key":"c","by":-2,"version":"7@1"}
            {"session":"a","group":[{"op":"write","key":"x","value":"1"},{"op":"add","map":"m","key":"s","values":["1","2"]}],"outcome":"unknown","retried":true}
            {"session":"a","op":"remove","key":"s","values":["1"],"replica":"r1"}
            {"session":"a","op":"append","key":"f","value":"1"}
            {"session":"a","op":"write","type":"multi","key":"m","value":"1"}
            {"session":"a","op":"delete","type":"multi","key":"m"}
            {"session":"a","op":"delete","type":"map","key":"m","version":"9@1"}
            {"session":"a","op":"read","type":"counter","key":"c","value":-2,"changed":["7@1"]}
            {"session":"a","op":"read","type":"set","key":"s","values":["1"],"changed":[],"more":true}
            {"session":"a","op":"read","type":"feed","key":"f","values":[{"value":"1","version":"7@1"},"2"]}
            {"final":"r1","key":"x","value":"1"}
            {"final":"r1","type":"counter","key":"x","value":3}
            """;
    assertEquals(text, written(text, HistoryFormat.TIDINGS));
  }

  @Test
  void otherFormatsHaveOnlyRegisters() {
    var bad =
        assertThrows(
            BadHistoryException.class,
            () ->
                written(
                    HEADER
                        + "{\"session\":\"a\",\"op\":\"append\",\"key\":\"f\",\"value\":\"1\"}\n",
                    HistoryFormat.PLUME));
    assertEquals("line 2: plume has no types but registers", bad.getMessage());
  }

  @Test
  void aTransactionOfPlumeIsInOnePiece() {
    var bad =
        assertThrows(BadHistoryException.class, () -> read("w(1,1,0,0)\nw(1,2,0,1)\nw(1,3,0,0)\n"));

    assertEquals("line 3: transaction 0 of session 0 goes on after another one", bad.getMessage());
  }

  @Test
  void aTornFileIsRefusedWithItsLastLine() {
    String torn = EVERYTHING.substring(0, EVERYTHING.indexOf("bob") + 1);

    var bad = assertThrows(BadHistoryException.class, () -> read(torn));
    assertTrue(
        String.valueOf(bad.getMessage()).startsWith("line 5: this is not JSON: "), bad::toString);
  }

  @Test
  void anObjectOverTwoLinesIsRefused() {
    var bad =
        assertThrows(BadHistoryException.class, () -> read(HEADER + "{\"session\":\n\"a\"}\n"));

    assertTrue(String.valueOf(bad.getMessage()).startsWith("line "), bad::toString);
  }
}
