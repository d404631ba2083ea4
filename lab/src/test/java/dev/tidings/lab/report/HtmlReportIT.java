package dev.tidings.lab.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidings.lab.SampleRuns;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.study.StudyReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, without a network. */
class HtmlReportIT {
  @TempDir private Path directory = Path.of("set by JUnit");

  private Path page() throws Exception {
    RunAnalysis analysis =
        RunAnalysis.of(Run.read(SampleRuns.simulate(directory, "slow </script> third")));
    return Files.writeString(
        directory.resolve("page.html"),
        HtmlReport.of(
            "slow </script> third",
            TextReport.facts(analysis.run()),
            analysis.findings(),
            List.of("a <b>note</b>"),
            Charts.of(analysis),
            Tables.of(analysis)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void the_page_is_drawn_answers_the_mouse_and_asks_for_nothing(String scheme) throws Exception {
    assumeTrue(Browser.installed().isPresent(), "no chromium is installed here: skipped");
    Path page = page();
    try (Browser browser =
        Browser.start(
            Browser.installed().orElseThrow(),
            Files.createDirectory(directory.resolve("profile")))) {
      var feature = Browser.parameters();
      feature
          .putArray("features")
          .addObject()
          .put("name", "prefers-color-scheme")
          .put("value", scheme);
      browser.call("Emulation.setEmulatedMedia", feature);
      browser.open(page.toUri());

      assertEquals("7", browser.evaluate("document.documentElement.dataset.charts").asText());
      // Each chart has more than one colour.
      JsonNode colours =
          browser.evaluate(
              """
              [...document.querySelectorAll('[id^=chart-]')].map(function (chart) {
                var colours = {};
                [...chart.querySelectorAll('canvas')].forEach(function (canvas) {
                  var data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                  for (var i = 0; i < data.length; i += 4) {
                    if (data[i + 3] > 0) { colours[data[i] + '.' + data[i + 1] + '.' + data[i + 2]] = 1; }
                  }
                });
                return Object.keys(colours).length;
              })
              """);
      assertEquals(7, colours.size());
      colours.forEach(count -> assertTrue(count.asInt() > 3, colours::toString));
      assertEquals(
          "slow </script> third",
          browser.evaluate("document.querySelector('h1').textContent").asText());
      String background =
          browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
      assertEquals(scheme.equals("dark") ? "rgb(20, 24, 29)" : "rgb(252, 252, 250)", background);

      for (String chart :
          List.of("clock", "drift", "queue", "age", "jumps", "events", "spacetime")) {
        assertZooms(browser, chart);
      }
      browser.open(page.toUri());
      hoverOverTheClock(browser);
      hoverOverAnEvent(browser);

      assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
      assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
      assertEquals(List.of(), browser.events("Log.entryAdded"));
      for (JsonNode request : browser.events("Network.requestWillBeSent")) {
        String url = request.path("params").path("request").path("url").asText();
        assertTrue(url.startsWith("file:") || url.startsWith("data:"), url);
      }
    }
  }

  @Test
  void of_many_hosts_the_jumps_are_a_map_that_tells_how_often() throws Exception {
    assumeTrue(Browser.installed().isPresent(), "no chromium is installed here: skipped");
    RunAnalysis analysis =
        RunAnalysis.of(Run.read(SampleRuns.simulate(directory, "many", "6 5 4 3 2 1 6 5")));
    Path page =
        Files.writeString(
            directory.resolve("page.html"),
            HtmlReport.of(
                "many",
                TextReport.facts(analysis.run()),
                analysis.findings(),
                List.of(),
                Charts.of(analysis),
                Tables.of(analysis)));
    try (Browser browser =
        Browser.start(
            Browser.installed().orElseThrow(),
            Files.createDirectory(directory.resolve("profile")))) {
      browser.open(page.toUri());
      browser.evaluate("document.getElementById('chart-jumps').scrollIntoView()");
      JsonNode at =
          browser.evaluate(
              "echarts.getInstanceByDom(document.getElementById('chart-jumps')).convertToPixel({seriesIndex: 0}, [0, 5])");
      JsonNode box = boxOf(browser, "chart-jumps");
      browser.moveMouse(box.path("x").asDouble() + 1, box.path("y").asDouble() + 1);
      browser.moveMouse(
          box.path("x").asDouble() + at.path(0).asDouble(),
          box.path("y").asDouble() + at.path(1).asDouble());
      String tooltip =
          browser
              .evaluate(
                  "[...document.querySelectorAll('#chart-jumps > div')].map(e => e.innerText).join(' ')")
              .asText();
      int jumpsOfOne = analysis.hosts().get(5).jumps().getOrDefault(1L, 0);
      assertTrue(tooltip.matches("(?s).*\\b" + jumpsOfOne + "\\b.*"), tooltip);
      assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
      assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
    }
  }

  @Test
  void the_page_of_a_study_is_drawn_and_zooms_too() throws Exception {
    assumeTrue(Browser.installed().isPresent(), "no chromium is installed here: skipped");
    StudyReport study = SampleRuns.study(directory);
    Path page =
        Files.writeString(
            directory.resolve("study.html"),
            HtmlReport.of(
                "a study",
                "facts",
                study.findings(),
                List.of(),
                study.charts(),
                List.of(study.shortTable())));
    try (Browser browser =
        Browser.start(
            Browser.installed().orElseThrow(),
            Files.createDirectory(directory.resolve("profile")))) {
      browser.open(page.toUri());
      assertEquals("10", browser.evaluate("document.documentElement.dataset.charts").asText());
      for (Chart chart : study.charts()) {
        assertZooms(browser, chart.id());
      }
      assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
      assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
    }
  }

  /** By the wheel with Ctrl held; without, the wheel is the page's. */
  private static void assertZooms(Browser browser, String id) throws Exception {
    browser.evaluate("document.getElementById('chart-" + id + "').scrollIntoView()");
    String shown =
        "echarts.getInstanceByDom(document.getElementById('chart-"
            + id
            + "')).getOption().dataZoom.map(z => [z.start, z.end])";
    JsonNode before = browser.evaluate(shown);
    JsonNode box = boxOf(browser, "chart-" + id);
    double x = box.path("x").asDouble() + box.path("width").asDouble() / 2;
    double y = box.path("y").asDouble() + box.path("height").asDouble() / 2;
    browser.turnWheel(x, y, false);
    assertEquals(before, browser.evaluate(shown), id);
    browser.evaluate("document.getElementById('chart-" + id + "').scrollIntoView()");
    browser.turnWheel(x, y, true);
    assertNotEquals(before, browser.evaluate(shown), id);
  }

  private static void hoverOverTheClock(Browser browser) throws Exception {
    String tooltip =
        "[...document.querySelectorAll('#chart-clock > div')].map(e => e.innerText).join(' ')";
    String before = browser.evaluate(tooltip).asText();
    JsonNode box = boxOf(browser, "chart-clock");
    browser.moveMouse(
        box.path("x").asDouble() + box.path("width").asDouble() / 2,
        box.path("y").asDouble() + box.path("height").asDouble() / 2);
    String after = browser.evaluate(tooltip).asText();
    assertNotEquals(before, after);
    assertTrue(after.contains("host 1") && after.contains("host 3"), after);
  }

  /** Host 3's second event, a receipt: the past and future are counted in the page's own words. */
  private static void hoverOverAnEvent(Browser browser) throws Exception {
    browser.evaluate("document.getElementById('chart-spacetime').scrollIntoView()");
    JsonNode box = boxOf(browser, "chart-spacetime");
    JsonNode at =
        browser.evaluate(
            """
            (function () {
              var chart = echarts.getInstanceByDom(document.getElementById('chart-spacetime'));
              var data = chart.getOption().series[1].data;
              var event = data.filter(function (e) { return e.value[1] === 2 && e.value[4] === 'RECEIVE'; })[0];
              return chart.convertToPixel({seriesIndex: 1}, [event.value[0], event.value[1]]);
            })()
            """);
    browser.moveMouse(box.path("x").asDouble() + 1, box.path("y").asDouble() + 1);
    browser.moveMouse(
        box.path("x").asDouble() + at.path(0).asDouble(),
        box.path("y").asDouble() + at.path(1).asDouble());
    String lit = browser.evaluate("document.getElementById('lit').textContent").asText();
    assertTrue(
        lit.matches(" Lit: [1-9][0-9]* events in its past, [1-9][0-9]* in its future\\."), lit);
  }

  private static JsonNode boxOf(Browser browser, String id) throws Exception {
    return browser.evaluate(
        "document.getElementById('" + id + "').getBoundingClientRect().toJSON()");
  }
}
