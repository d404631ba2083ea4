package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of docs/client.md and of {@link Item}, as they stand there. */
class DocumentedExampleTest {
  @Test
  void objects_of_every_type_are_written_and_read_together() {
    try (var cluster = new FakeCluster(1);
        Tidings tidings = cluster.connect("127.0.0.1:8000", Duration.ofSeconds(10))) {
      Session session = tidings.session();

      Bytes alice = Bytes.of("alice"); // a map
      session.write(
          new Mutation.Append(Bytes.of("news"), Bytes.of("found")),
          new Mutation.Increment(Bytes.of("posts"), 1).inMap(alice));

      var posts = Item.counter(Bytes.of("posts")).inMap(alice);
      var news = Item.feed(Bytes.of("news"));
      Snapshot together = session.read(posts, news); // from one moment
      long count = together.get(posts).value();
      List<FeedEntry> firstPage = together.get(news).entries();

      assertEquals(1, count);
      assertEquals("found", firstPage.get(0).value().utf8());

      Bytes lock = Bytes.of("lock");
      WriteInfo taken = session.putIfAbsent(lock, alice);
      var refusal = assertThrows(TidingsException.class, () -> session.putIfAbsent(lock, alice));
      assertEquals(TidingsException.Reason.CONDITION_FAILED, refusal.reason());

      var durability = new Durability(1, Duration.ofSeconds(1));
      session.write(
          List.of(new Mutation.Delete(lock)),
          WriteOptions.onlyIf(Condition.version(lock, taken.version())).durable(durability));
      assertEquals(List.of(), session.prefix(lock).toList());
    }
  }
}
