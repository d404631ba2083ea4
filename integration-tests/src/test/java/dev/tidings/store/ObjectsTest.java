package dev.tidings.store;

import static dev.tidings.harness.TestSession.add;
import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.counter;
import static dev.tidings.harness.TestSession.increment;
import static dev.tidings.harness.TestSession.put;
import static dev.tidings.harness.TestSession.set;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Condition;
import dev.tidings.v1.MapField;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.Position;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Counters, sets, multi-value registers, maps, ranges and conditions, as clients see them. */
final class ObjectsTest {
  private static final Duration A_WHILE = Duration.ofSeconds(3);

  private final Cluster cluster = new Cluster(3, "1-2=1s,1-3=1s,2-3=1s", Consistency.CAUSAL);

  @AfterEach
  void close() {
    cluster.close();
  }

  private void start() {
    cluster.startAll();
    cluster.time().advance(A_WHILE);
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Mutation mutation(java.util.function.Consumer<Mutation.Builder> change) {
    var mutation = Mutation.newBuilder();
    change.accept(mutation);
    return mutation.build();
  }

  private static Mutation remove(String set, String element) {
    return mutation(m -> m.getRemoveBuilder().setSet(utf8(set)).addElements(utf8(element)));
  }

  private static Mutation multiPut(String key, String value) {
    return mutation(m -> m.getMultiPutBuilder().setKey(utf8(key)).setValue(utf8(value)));
  }

  private static Mutation inMap(String map, Mutation change) {
    return mutation(m -> m.getInMapBuilder().setMap(utf8(map)).setChange(change));
  }

  private long count(int replica, String name) {
    return cluster.session(replica).read(counter(name)).getResults(0).getCounter().getValue();
  }

  private List<String> elements(int replica, String name) {
    return cluster
        .session(replica)
        .read(set(name))
        .getResults(0)
        .getSet()
        .getElementsList()
        .stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  private List<String> multi(int replica, String name) {
    ReadItem item = ReadItem.newBuilder().setMulti(utf8(name)).build();
    return cluster.session(replica).read(item).getResults(0).getMulti().getValuesList().stream()
        .map(value -> value.getValue().toStringUtf8())
        .toList();
  }

  @Test
  void what_is_changed_at_once_at_several_replicas_is_all_kept() {
    start();
    for (int id = 1; id <= 3; id++) {
      cluster.session(id).write(increment("c", id), add("s", "e" + id), multiPut("m", "v" + id));
    }
    cluster.time().advance(A_WHILE);
    for (int id = 1; id <= 3; id++) {
      assertEquals(6, count(id, "c"));
      assertEquals(List.of("e1", "e2", "e3"), elements(id, "s"));
      assertEquals(List.of("v1", "v2", "v3"), multi(id, "m"));
    }
    cluster.session(2).write(multiPut("m", "one"), remove("s", "e1"));
    cluster.session(3).write(add("s", "e1"));
    cluster.time().advance(A_WHILE);
    for (int id = 1; id <= 3; id++) {
      assertEquals(List.of("e1", "e2", "e3"), elements(id, "s"), "an add wins");
      assertEquals(List.of("one"), multi(id, "m"));
    }
  }

  @Test
  void a_request_that_two_replicas_have_accepted_counts_once() {
    start();
    for (int other = 2; other <= 3; other++) {
      cluster.link(1, 3, Duration.ofSeconds(5), false);
      cluster.link(1, 2, Duration.ofSeconds(5), false);
      TestSession session = cluster.session(1);
      List<Mutation> mutations =
          List.of(increment("c", 1), add("s", "e" + other), append("f", "a" + other));
      // Its answer is lost, and the session goes on elsewhere.
      session.sendNext(1, mutations);
      cluster.time().settle();
      session.moveTo(other);
      Reply<ClientWriteResponse> second = session.repeat(1, mutations, true);
      session.setState(second.within(cluster.time(), A_WHILE).getSession());
      assertEquals(other - 1, count(other, "c"));
      session.write(remove("s", "e" + other));
      cluster.time().advance(Duration.ofSeconds(30));
    }
    for (int id = 1; id <= 3; id++) {
      assertEquals(2, count(id, "c"));
      assertEquals(List.of(), elements(id, "s"), "what was removed does not come back");
      assertEquals(List.of("a2", "a3"), cluster.session(id).entries("f"));
    }
  }

  @Test
  void a_condition_is_decided_where_the_write_is_accepted() {
    start();
    Condition absent = Condition.newBuilder().setKey(utf8("k")).setAbsent(true).build();
    Version first =
        writeIf(1, absent, put("k", "first")).within(cluster.time(), A_WHILE).getVersion();
    Refusal refusal = Refusal.of(settled(writeIf(1, absent, put("k", "second"))));
    assertEquals("CONDITION_FAILED", refusal.reason());
    assertEquals(
        "at replica 1, k has version 1@1; the condition was that it is absent", refusal.message());
    // Elsewhere it is not there yet: there the condition holds, and both stand.
    writeIf(2, absent, put("k", "other")).within(cluster.time(), A_WHILE);
    Condition same = Condition.newBuilder().setKey(utf8("k")).setVersion(first).build();
    writeIf(1, same, put("k", "third")).within(cluster.time(), A_WHILE);
    assertEquals("CONDITION_FAILED", Refusal.of(settled(writeIf(1, same, put("k", "4")))).reason());
    cluster.time().advance(A_WHILE);
    assertEquals(cluster.session(1).get("k"), cluster.session(2).get("k"));
  }

  private <T> Reply<T> settled(Reply<T> reply) {
    cluster.time().settle();
    return reply;
  }

  private Reply<ClientWriteResponse> writeIf(int replica, Condition condition, Mutation mutation) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientWrite(
            ClientWriteRequest.newBuilder().addConditions(condition).addMutations(mutation).build(),
            reply);
    return reply;
  }

  @Test
  void a_map_has_fields_of_every_type_and_none_after_it_is_deleted() {
    start();
    TestSession session = cluster.session(1);
    session.write(
        inMap("m", put("a", "v")),
        inMap("m", increment("a", 2)),
        inMap("m", add("b", "e")),
        inMap("m", multiPut("c", "w")),
        put("m", "no field"));
    assertEquals(List.of("a REGISTER", "c MULTI", "a COUNTER", "b SET"), fields(session, "m"));
    session.write(mutation(m -> m.getDeleteMapBuilder().setMap(utf8("m"))));
    assertEquals(List.of(), fields(session, "m"));
    assertEquals("no field", session.get("m").orElseThrow());
  }

  private static List<String> fields(TestSession session, String map) {
    var names = new ArrayList<String>();
    ByteString from = ByteString.EMPTY;
    do {
      var item = ReadItem.newBuilder();
      item.getMapBuilder().setMap(utf8(map)).setLimit(1).setFrom(from);
      var page = session.read(item.build()).getResults(0).getMap();
      for (MapField field : page.getFieldsList()) {
        names.add(field.getName().toStringUtf8() + " " + field.getValue().getKindCase());
      }
      from = page.getNext();
    } while (!from.isEmpty());
    return names;
  }

  @Test
  void a_range_is_read_page_by_page() {
    start();
    TestSession session = cluster.session(1);
    session.write(put("a", "1"), put("b", "2"), put("b\0", "3"), put("c", "4"), put("d", "5"));
    session.write(TestSession.delete("c"), inMap("b", put("x", "no key of its own")));
    var keys = new ArrayList<String>();
    ByteString from = utf8("b");
    do {
      var item = ReadItem.newBuilder();
      item.getRangeBuilder().setFrom(from).setTo(utf8("d")).setLimit(1);
      var page = session.read(item.build()).getResults(0).getRange();
      page.getRegistersList().forEach(each -> keys.add(each.getKey().toStringUtf8()));
      from = page.getNext();
    } while (!from.isEmpty());
    assertEquals(List.of("b", "b\0"), keys);
  }

  @Test
  void what_a_mutation_undoes_is_not_the_clients_to_say_and_its_whole_group_is_refused() {
    start();
    Position position =
        Position.newBuilder().setOrigin(cluster.status(1).getOrigin()).setSequence(1).build();
    for (Mutation bad :
        List.of(
            mutation(m -> m.getMultiPutBuilder().setKey(utf8("k")).addReplaces(position)),
            mutation(
                m ->
                    m.getDeleteCounterBuilder()
                        .setCounter(utf8("k"))
                        .addObservedBuilder()
                        .setUpTo(position)),
            mutation(
                m ->
                    m.getRemoveBuilder()
                        .setSet(utf8("k"))
                        .addRemovedBuilder()
                        .setElement(utf8("e"))
                        .addAdds(position)),
            mutation(
                m -> m.getRemoveBuilder().setSet(utf8("k")).setAll(true).addElements(utf8("e"))),
            mutation(m -> m.getAddBuilder().setSet(utf8("k"))),
            inMap("m", inMap("n", put("k", "v"))),
            inMap("m", Mutation.getDefaultInstance()),
            inMap("", put("k", "v")),
            increment("", 1))) {
      Reply<ClientWriteResponse> reply = cluster.session(1).send(put("good", "v"), bad);
      assertEquals("INVALID_REQUEST", Refusal.of(settled(reply)).reason(), bad.toString());
    }
    Reply<ClientWriteResponse> twice =
        cluster
            .session(1)
            .send(
                inMap("m", put("k", "v")),
                mutation(m -> m.getDeleteMapBuilder().setMap(utf8("m"))));
    assertEquals("INVALID_REQUEST", Refusal.of(settled(twice)).reason());
    cluster.session(1).write(increment("c", Long.MAX_VALUE));
    Reply<ClientWriteResponse> over = cluster.session(1).send(put("good", "v"), increment("c", 1));
    assertEquals("INVALID_REQUEST", Refusal.of(settled(over)).reason());
    assertEquals(java.util.Optional.empty(), cluster.session(1).get("good"));
    assertEquals(Long.MAX_VALUE, count(1, "c"));
  }
}
