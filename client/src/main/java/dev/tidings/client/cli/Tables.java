package dev.tidings.client.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Tables as all commands draw them. */
final class Tables {
  private static final int WIDEST_WORDS = 18;

  private Tables() {}

  static <T> String table(Collection<T> rows, List<ColumnData<T>> columns) {
    return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, rows, columns);
  }

  static <T> ColumnData<T> number(String header, Function<T, ?> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(HorizontalAlign.RIGHT)
        .with(row -> String.valueOf(value.apply(row)));
  }

  static <T> ColumnData<T> text(String header, Function<T, String> value) {
    return text(header).with(value);
  }

  /** Words of which there may be many: they go on in the next line. */
  static <T> ColumnData<T> words(String header, Function<T, String> value) {
    return text(header).maxWidth(WIDEST_WORDS, OverflowBehaviour.NEWLINE).with(value);
  }

  private static Column text(String header) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(HorizontalAlign.LEFT);
  }

  /** Ids, ascending, as 1-3, 5. */
  static String ranges(Collection<Integer> ids) {
    var words = new ArrayList<String>();
    int first = -1;
    int last = -1;
    for (int id : ids) {
      if (first >= 0 && id == last + 1) {
        last = id;
        continue;
      }
      if (first >= 0) {
        words.add(range(first, last));
      }
      first = id;
      last = id;
    }
    if (first >= 0) {
      words.add(range(first, last));
    }
    return String.join(", ", words);
  }

  private static String range(int first, int last) {
    return first == last ? String.valueOf(first) : first + (last == first + 1 ? ", " : "-") + last;
  }
}
