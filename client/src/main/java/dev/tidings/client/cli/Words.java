package dev.tidings.client.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a line into words at spaces. Double quotes keep spaces together, and a backslash takes the
 * next quote or backslash as it is. An apostrophe is a letter: people write {@code say I'm glad}.
 */
final class Words {
  private Words() {}

  /**
   * @throws CommandFailure if a quote is not closed
   */
  static List<String> of(String line) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    boolean inWord = false;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length() && "\"\\".indexOf(line.charAt(i + 1)) >= 0) {
        i++;
        word.append(line.charAt(i));
        inWord = true;
      } else if (c == '"') {
        quoted = !quoted;
        inWord = true;
      } else if (Character.isWhitespace(c) && !quoted) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quoted) {
      throw CommandFailure.usage("a double quote is not closed");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
