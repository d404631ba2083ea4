package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Content;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What objects are called: a key, and the map whose field it is, if it is one. */
final class Names {
  @Option(
      names = "--map",
      paramLabel = "M",
      description = "The field of that name in map M, instead of what has the name itself.")
  private @Nullable String map;

  /**
   * A key, a name of a feed, a counter, …
   *
   * @throws CommandFailure if it is empty
   */
  static Bytes of(String word) {
    if (word.isEmpty()) {
      throw CommandFailure.usage("a key has 1 byte or more, and this one is empty");
    }
    return Bytes.of(word);
  }

  /** Null for none. */
  @Nullable Bytes map() {
    return map == null ? null : of(map);
  }

  Mutation in(Mutation.Simple change) {
    @Nullable Bytes in = map();
    return in == null ? change : change.inMap(in);
  }

  <T extends Content> Item<T> in(Item.Simple<T> item) {
    @Nullable Bytes in = map();
    return in == null ? item : item.inMap(in);
  }
}
