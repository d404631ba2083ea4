package dev.tidings.spacetime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import dev.tidings.spacetime.SpaceTime.Message;
import dev.tidings.spacetime.SpaceTime.Stall;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class SpaceTimeSvgTest {
  private static final String NASTY = "<b> & \"quotes\" ]]> \u0000 \ud800 \uffff é";

  @Test
  void labels_of_any_text_leave_the_document_well_formed() throws Exception {
    Document document =
        parse(
            SpaceTimeSvg.of(
                new SpaceTime(
                    NASTY,
                    List.of(NASTY),
                    List.of(new Event(0, Kind.READ, 0, NASTY)),
                    List.of(),
                    List.of())));
    String texts = texts(document).stream().reduce("", (a, b) -> a + " " + b);
    assertTrue(texts.contains("<b> & \"quotes\" ]]> \ufffd \ufffd \ufffd é"), texts);
  }

  @Test
  void empty_diagram_is_drawn() throws Exception {
    parse(SpaceTimeSvg.of(new SpaceTime("", List.of(), List.of(), List.of(), List.of())));
  }

  @Test
  void every_event_message_and_stall_is_drawn_once() throws Exception {
    var diagram =
        new SpaceTime(
            "ring",
            List.of("one", "two"),
            List.of(
                new Event(0, Kind.WRITE, 0, "w"),
                new Event(1, Kind.STALLED, 5, "s"),
                new Event(1, Kind.VISIBLE, 9, "v")),
            List.of(new Message(0, 1)),
            List.of(new Stall(1, 2)));
    Document document = parse(SpaceTimeSvg.of(diagram));
    assertEquals(1, ofClass(document, "path", "message").size());
    assertEquals(1, ofClass(document, "rect", "stall").size());
    // One in the diagram, and one in the legend.
    for (Kind kind : List.of(Kind.WRITE, Kind.STALLED, Kind.VISIBLE)) {
      assertEquals(2, ofClass(document, "circle", kind.name()).size());
    }
    assertEquals(0, ofClass(document, "circle", "READ").size());
  }

  @Test
  void labels_of_a_process_do_not_lie_on_each_other() throws Exception {
    var events = new ArrayList<Event>();
    var random = new Random(3);
    for (int i = 0; i < 40; i++) {
      events.add(
          new Event(
              random.nextInt(2),
              Kind.RECEIVE,
              i / 8,
              "event " + i + " has a label that is longer than one line"));
    }
    Document document =
        parse(SpaceTimeSvg.of(new SpaceTime("", List.of("a", "b"), events, List.of(), List.of())));
    List<Element> texts = ofClass(document, "text", "halo");
    for (Element a : texts) {
      for (Element b : texts) {
        boolean apart = Math.abs(number(a, "y") - number(b, "y")) >= 12;
        assertTrue(a == b || apart || number(a, "x") != number(b, "x"), a.getTextContent());
      }
    }
    double height = number(document.getDocumentElement(), "height");
    assertFalse(texts.stream().anyMatch(text -> number(text, "y") > height));
  }

  @Test
  void arrows_never_point_up() throws Exception {
    Document document = parse(SpaceTimeSvg.of(SpaceTimeTest.random(new Random(1))));
    List<Element> arrows = ofClass(document, "path", "message");
    assertFalse(arrows.isEmpty());
    for (Element arrow : arrows) {
      String[] ends = arrow.getAttribute("d").substring(1).split("[L ]", -1);
      assertTrue(
          Double.parseDouble(ends[3]) >= Double.parseDouble(ends[1]), arrow.getAttribute("d"));
    }
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> ofClass(Document document, String tag, String name) {
    var found = new ArrayList<Element>();
    NodeList elements = document.getElementsByTagName(tag);
    for (int i = 0; i < elements.getLength(); i++) {
      if (((Element) elements.item(i)).getAttribute("class").equals(name)) {
        found.add((Element) elements.item(i));
      }
    }
    return found;
  }

  private static List<String> texts(Document document) {
    var texts = new ArrayList<String>();
    NodeList elements = document.getElementsByTagName("text");
    for (int i = 0; i < elements.getLength(); i++) {
      texts.add(elements.item(i).getTextContent());
    }
    return texts;
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
