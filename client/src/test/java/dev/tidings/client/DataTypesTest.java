package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.MultiValue.Sibling;
import dev.tidings.client.TidingsException.Reason;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Objects of every type, alone, in maps, and together. */
class DataTypesTest {
  private static final Bytes A = Bytes.of("a");
  private static final Bytes B = Bytes.of("b");
  private static final Bytes C = Bytes.of("c");
  private static final Bytes MAP = Bytes.of("m");
  private static final Durability HERE = new Durability(1, Duration.ofSeconds(1));

  private final FakeCluster cluster = new FakeCluster(2);
  private final FakeReplica one = cluster.replica(1);
  private final FakeReplica two = cluster.replica(2);
  private final Tidings tidings = cluster.connect(one.address(), Duration.ofSeconds(10));
  private final Session session = tidings.session();

  @AfterEach
  void close() {
    tidings.close();
    cluster.close();
  }

  @Test
  void objects_of_one_name_and_different_types_are_different_objects() {
    WriteInfo put = session.put(A, Bytes.of("register"));
    WriteInfo multi = session.putMulti(A, Bytes.of("multi"));
    WriteInfo increment = session.increment(A, 7);
    session.add(A, B);
    session.append(A, Bytes.of("entry"));
    assertEquals(new Value(Bytes.of("register"), put, false), session.get(A));
    assertEquals(
        new MultiValue(List.of(new Sibling(Bytes.of("multi"), multi)), List.of(multi)),
        session.multi(A));
    assertEquals(new CounterValue(7, List.of(increment)), session.read(Item.counter(A)));
    assertEquals(Set.of(B), session.set(A));
    assertEquals("entry", session.feed(A, false).get(0).value().utf8());
  }

  @Test
  void what_there_is_none_of_is_empty() {
    assertEquals(new MultiValue(List.of(), List.of()), session.multi(A));
    assertEquals(0, session.counter(A));
    assertEquals(Set.of(), session.set(A));
    assertEquals(List.of(), session.map(A));
    assertEquals(List.of(), session.range(Bytes.EMPTY, Bytes.EMPTY).toList());
  }

  @Test
  void counters_take_any_number_of_64_bits() {
    session.increment(A, Long.MIN_VALUE);
    session.increment(A, Long.MAX_VALUE);
    assertEquals(-1, session.counter(A));
    session.deleteCounter(A);
    assertEquals(0, session.counter(A));
  }

  @Test
  void sets_lose_what_is_removed() {
    session.add(A, A, B, C);
    session.remove(A, B);
    assertEquals(List.of(A, C), List.copyOf(session.set(A)));
    session.removeAll(A);
    assertEquals(Set.of(), session.set(A));
  }

  @Test
  void values_that_were_put_concurrently_are_all_kept_until_one_replaces_them() {
    session.putMulti(A, Bytes.of("here"));
    Session other = tidings.session();
    other.moveTo(two.address());
    other.putMulti(A, Bytes.of("there"));
    one.receiveFrom(two);
    assertEquals(List.of("here", "there"), texts(session.multi(A)));
    session.putMulti(A, Bytes.of("both"));
    assertEquals(List.of("both"), texts(session.multi(A)));
    session.deleteMulti(A);
    assertEquals(List.of(), texts(session.multi(A)));
  }

  private static List<String> texts(MultiValue value) {
    return value.values().stream().map(each -> each.bytes().utf8()).toList();
  }

  @Test
  void one_read_of_every_type_is_from_one_moment_and_typed_by_its_items() {
    session.write(
        new Mutation.Put(A, B),
        new Mutation.Increment(A, 3),
        new Mutation.Add(A, List.of(C)),
        new Mutation.Increment(B, 4).inMap(MAP));
    var register = Item.register(A);
    var counter = Item.counter(A);
    var set = Item.set(A);
    var range = Item.range(A, B);
    var map = Item.map(MAP);
    var field = Item.counter(B).inMap(MAP);
    int before = one.reads();
    Snapshot read =
        session.read(register, counter, set, range, map, field, Item.multi(C), Item.feed(C));
    assertEquals(before + 1, one.reads());
    assertEquals(B, read.get(register).bytes());
    assertEquals(3, read.get(counter).value());
    assertEquals(List.of(C), read.get(set).elements());
    assertEquals(A, read.get(range).registers().get(0).key());
    assertEquals(B, read.get(map).fields().get(0).name());
    assertEquals(4, read.get(field).value());
    assertEquals(List.of(), read.get(Item.multi(C)).values());
    assertEquals(1, read.values().size());
    assertEquals(1, read.feeds().size());
    assertThrows(IllegalArgumentException.class, () -> read.get(Item.register(C)));
    assertThrows(IllegalArgumentException.class, () -> read.get(Item.counter(B)));
  }

  @Test
  void what_is_long_is_read_to_its_end_page_by_page() {
    one.setPageSize(2);
    for (String name : List.of("1", "2", "3", "4", "5")) {
      session.write(
          new Mutation.Put(Bytes.of("k" + name), A),
          new Mutation.Add(A, List.of(Bytes.of(name))),
          new Mutation.Add(A, List.of(Bytes.of(name))).inMap(MAP),
          new Mutation.Append(A, Bytes.of(name)).inMap(MAP),
          new Mutation.Increment(Bytes.of(name), 1).inMap(MAP));
    }
    List<String> five = List.of("1", "2", "3", "4", "5");
    assertEquals(five, session.set(A).stream().map(Bytes::utf8).toList());
    assertEquals(
        five,
        session
            .range(Bytes.EMPTY, Bytes.EMPTY)
            .map(each -> each.key().utf8().substring(1))
            .toList());
    assertEquals(five, session.stream(Item.set(A).inMap(MAP)).map(Bytes::utf8).toList());
    List<MapField> map = session.map(MAP);
    assertEquals(7, map.size());
    assertEquals(
        new CounterValue(1, ((CounterValue) map.get(0).content()).changedBy()),
        map.get(0).content());
    assertEquals(5, ((SetPage) map.get(5).content()).elements().size());
    assertEquals(5, ((FeedPage) map.get(6).content()).entries().size());
    int before = one.reads();
    assertEquals(2, session.prefix(Bytes.of("k")).limit(2).count());
    assertEquals(before + 1, one.reads());
  }

  @Test
  void pages_without_content_do_not_end_a_range() {
    one.setPageSize(1);
    Stream.of("a", "b", "c").forEach(key -> session.put(Bytes.of(key), A));
    session.delete(A);
    session.delete(B);
    assertEquals(List.of(C), session.range(Bytes.EMPTY, Bytes.EMPTY).map(KeyValue::key).toList());
  }

  @Test
  void a_prefix_ends_where_keys_no_longer_begin_so() {
    byte[] last = {'p', (byte) 0xff, (byte) 0xff};
    for (Bytes key : List.of(Bytes.of("o"), Bytes.of("p"), Bytes.of(last), Bytes.of("q"))) {
      session.put(key, A);
    }
    assertEquals(
        List.of(Bytes.of("p"), Bytes.of(last)),
        session.prefix(Bytes.of("p")).map(KeyValue::key).toList());
    assertEquals(
        List.of(Bytes.of(last)),
        session.prefix(Bytes.of(new byte[] {'p', (byte) 0xff})).map(KeyValue::key).toList());
    assertEquals(4, session.prefix(Bytes.EMPTY).count());
    assertEquals(Bytes.EMPTY, Item.prefix(Bytes.of(new byte[] {(byte) 0xff})).to());
  }

  @Test
  void a_map_has_fields_of_every_type_and_none_after_it_is_deleted() {
    session.write(
        new Mutation.Put(A, B).inMap(MAP),
        new Mutation.MultiPut(A, B).inMap(MAP),
        new Mutation.Add(A, List.of(B)).inMap(MAP));
    assertEquals(List.of(A, A, A), session.map(MAP).stream().map(MapField::name).toList());
    assertEquals(B, session.read(Item.register(A).inMap(MAP)).bytes());
    assertNull(session.get(A).bytes());
    session.write(new Mutation.Delete(A).inMap(MAP));
    assertEquals(2, session.map(MAP).size());
    session.deleteMap(MAP);
    assertEquals(List.of(), session.map(MAP));
  }

  @Test
  void a_write_whose_condition_does_not_hold_did_not_happen() {
    WriteInfo first = session.putIfAbsent(A, B);
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> session.putIfAbsent(A, C));
    assertEquals(Reason.CONDITION_FAILED, refusal.reason());
    assertFalse(refusal.outcomeUnknown());
    assertEquals(B, session.get(A).bytes());
    session.putIfVersion(A, first.version(), C);
    assertThrows(TidingsException.class, () -> session.putIfVersion(A, first.version(), B));
    assertEquals(C, session.get(A).bytes());
  }

  @Test
  void conditions_hold_all_or_nothing_is_written() {
    session.write(new Mutation.Put(A, B).inMap(MAP));
    var onlyIf =
        WriteOptions.onlyIf(Condition.absent(A), Condition.absent(A).inMap(MAP)).durable(HERE);
    assertThrows(
        TidingsException.class, () -> session.write(List.of(new Mutation.Increment(C, 1)), onlyIf));
    assertEquals(0, session.counter(C));
    session.write(new Mutation.Delete(A).inMap(MAP));
    assertEquals(1, session.write(List.of(new Mutation.Increment(C, 1)), onlyIf).durableOn());
    assertEquals(1, session.counter(C));
  }

  @Test
  void a_conditional_write_whose_first_try_has_no_answer_may_have_happened_whatever_follows() {
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    session.put(A, B);
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> session.putIfAbsent(A, C));
    assertEquals(Reason.CONDITION_FAILED, refusal.reason());
    assertTrue(refusal.outcomeUnknown());
  }

  @Test
  void what_makes_no_sense_is_refused_before_it_is_sent() {
    assertThrows(IllegalArgumentException.class, () -> session.add(A));
    assertThrows(IllegalArgumentException.class, () -> session.remove(A));
    assertThrows(IllegalArgumentException.class, () -> new Query(List.of(), false));
    assertThrows(IllegalArgumentException.class, () -> new Item.Elements(A, -1, A));
    assertThrows(IllegalArgumentException.class, () -> new Item.Range(A, B, -1));
    assertEquals(0, one.writeRequests().size());
  }
}
