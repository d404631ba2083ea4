package dev.tidings.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.lab.analysis.RunAnalysis;
import java.util.List;

/** Reports for programs. */
public final class JsonReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private JsonReport() {}

  /** An array of runs: findings, notes, broken rules, and each table as an array of objects. */
  public static String of(List<RunAnalysis> analyses) {
    ArrayNode runs = JSON.createArrayNode();
    for (RunAnalysis analysis : analyses) {
      ObjectNode run = runs.addObject();
      run.put("run", analysis.run().name());
      run.put("seconds", analysis.run().duration());
      analysis.findings().forEach(run.putArray("findings")::add);
      analysis.run().notes().forEach(run.putArray("notes")::add);
      ArrayNode violations = run.putArray("violations");
      analysis.violations().forEach(violation -> violations.add(violation.words()));
      for (Table table : Tables.of(analysis)) {
        ArrayNode rows = run.putArray(table.id());
        for (List<Object> row : table.rows()) {
          ObjectNode cells = rows.addObject();
          for (int i = 0; i < row.size(); i++) {
            cells.putPOJO(name(table.columns().get(i)), row.get(i));
          }
        }
      }
      ObjectNode histograms = run.putObject("jump_histograms");
      analysis
          .hosts()
          .forEach(
              host -> {
                ObjectNode histogram = histograms.putObject(Integer.toString(host.id()));
                host.jumps().forEach((jump, count) -> histogram.put(Long.toString(jump), count));
              });
    }
    try {
      return JSON.writeValueAsString(runs);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String name(String column) {
    return column.replace("/s", " per second").replaceAll("[^A-Za-z0-9]+", "_");
  }
}
