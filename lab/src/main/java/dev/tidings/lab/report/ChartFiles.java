package dev.tidings.lab.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import dev.tidings.lab.LabException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptableObject;

/**
 * Draws charts without a browser: the ECharts of the page, run by an interpreter of JavaScript,
 * writes SVG, and PNG is made of that. Starting it takes a second or two, each chart much less.
 * Confined to one thread.
 */
public final class ChartFiles implements AutoCloseable {
  private static final int WIDTH = 900;
  private static final int PNG_SCALE = 2;
  private static final int TITLE_HEIGHT = 34;

  private static final Pattern HOVER_STYLES =
      Pattern.compile("<style.*?</style>| class=\"zr[^\"]*\"", Pattern.DOTALL);

  /** What ECharts asks for and an interpreter has not. */
  private static final String SURROUNDINGS =
      "var self = this, global = this;"
          + "var setTimeout = function () { return 0; }, clearTimeout = function () {};";

  private static final String DRAW =
      """
      (function (text, width, height) {
        var option = JSON.parse(text);
        (option.dataZoom || []).forEach(function (zoom) { zoom.show = false; });
        option.dataZoom = (option.dataZoom || []).filter(function (zoom) { return zoom.type === 'inside'; });
        var chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: width, height: height });
        chart.setOption(option);
        var svg = chart.renderToSVGString();
        chart.dispose();
        return svg;
      })
      """;

  private final Context context;
  private final ScriptableObject scope;

  @SuppressWarnings("deprecation") // Compiled, ECharts' functions exceed what a method may have.
  public ChartFiles() {
    System.setProperty("java.awt.headless", "true");
    context = Context.enter();
    context.setInterpretedMode(true);
    context.setLanguageVersion(Context.VERSION_ES6);
    scope = context.initSafeStandardObjects();
    context.evaluateString(scope, SURROUNDINGS, "surroundings", 1, null);
    context.evaluateString(scope, Resources.echarts(), "echarts", 1, null);
  }

  /** A whole SVG document, with the chart's title. */
  public String svg(Chart chart) {
    Object draw = context.evaluateString(scope, DRAW, "draw", 1, null);
    ObjectNode option = chart.option().deepCopy();
    option
        .putObject("title")
        .put("text", chart.title())
        .put("left", 12)
        .put("top", 6)
        // Some viewers draw an edge of width 0 all the same.
        .put("borderColor", "transparent")
        .putObject("textStyle")
        .put("fontSize", 15);
    option.put("backgroundColor", "#ffffff");
    option.withObject("/grid").put("top", option.path("grid").path("top").asInt() + TITLE_HEIGHT);
    if (option.has("legend")) {
      option
          .withObject("/legend")
          .put("top", TITLE_HEIGHT)
          .put("type", "plain")
          .put("borderColor", "transparent");
    }
    Object svg =
        ((Function) draw)
            .call(
                context,
                scope,
                scope,
                new Object[] {option.toString(), WIDTH, chart.height() + TITLE_HEIGHT});
    // What the page would do on hover.
    return HOVER_STYLES.matcher(Context.toString(svg)).replaceAll("") + "\n";
  }

  /**
   * The same as a PNG, with twice as many dots.
   *
   * @throws LabException if it cannot be drawn, such as without any fonts on the machine
   */
  public byte[] png(Chart chart) {
    byte[] svg = svg(chart).getBytes(StandardCharsets.UTF_8);
    SVGDocument document =
        new SVGLoader().load(new ByteArrayInputStream(svg), null, LoaderContext.createDefault());
    if (document == null) {
      throw new LabException("the chart " + chart.id() + " cannot be drawn");
    }
    int height = chart.height() + TITLE_HEIGHT;
    var image =
        new BufferedImage(WIDTH * PNG_SCALE, height * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.scale(PNG_SCALE, PNG_SCALE);
      document.render(null, graphics);
    } finally {
      graphics.dispose();
    }
    var png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new LabException("the chart " + chart.id() + " cannot be written", e);
    }
    return png.toByteArray();
  }

  @Override
  public void close() {
    context.close();
  }
}
