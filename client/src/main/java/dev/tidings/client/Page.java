package dev.tidings.client;

import java.util.List;

/**
 * Part of something long, all from one moment; see {@link Session#stream}.
 *
 * @param <E> what there is many of
 */
public sealed interface Page<E> permits SetPage, FeedPage, RangePage, MapPage {
  /** What the page holds, in order. */
  List<E> contents();

  /** Where the next page begins; empty bytes if this one reached the end. */
  Bytes next();
}
