package dev.tidings.client;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What comes in pages, as if it were one; a page is read when it is come to.
 *
 * @param <P> a page
 * @param <E> what pages hold
 */
final class Pages<P, E> implements Iterator<E> {
  private final Function<Bytes, P> reader;
  private final Function<P, List<E>> content;
  private final Function<P, Bytes> next;
  private final Queue<E> read = new ArrayDeque<>();
  private Bytes cursor;
  private boolean isLast;

  private Pages(
      Bytes first,
      Function<Bytes, P> reader,
      Function<P, List<E>> content,
      Function<P, Bytes> next) {
    this.cursor = first;
    this.reader = reader;
    this.content = content;
    this.next = next;
  }

  /** From the first page on, whose cursor is empty. */
  static <P, E> Stream<E> of(
      Function<Bytes, P> reader, Function<P, List<E>> content, Function<P, Bytes> next) {
    return from(Bytes.EMPTY, reader, content, next);
  }

  /**
   * @param first the first page's cursor
   * @param reader reads the page of a cursor
   * @param next the cursor of the page after one; empty if there is none
   */
  static <P, E> Stream<E> from(
      Bytes first,
      Function<Bytes, P> reader,
      Function<P, List<E>> content,
      Function<P, Bytes> next) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(
            new Pages<>(first, reader, content, next), Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  @Override
  public boolean hasNext() {
    // A page may be empty, and not the last.
    while (read.isEmpty() && !isLast) {
      P page = reader.apply(cursor);
      read.addAll(content.apply(page));
      cursor = next.apply(page);
      isLast = cursor.size() == 0;
    }
    return !read.isEmpty();
  }

  @Override
  public E next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return read.remove();
  }
}
