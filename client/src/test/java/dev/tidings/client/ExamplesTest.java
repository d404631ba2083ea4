package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples in the library's Javadoc, docs/client.md and the README, as they stand there: each
 * is compiled outside of the library's package, and run, against fake replicas in the place of real
 * ones.
 */
public final class ExamplesTest {
  private static final Pattern IN_JAVADOC =
      Pattern.compile("<pre>\\{@code\n(.*?)\n *\\* }</pre>", Pattern.DOTALL);
  private static final Pattern IN_MARKDOWN =
      Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern A_CLASS = Pattern.compile("^class (\\w+) \\{", Pattern.MULTILINE);

  /** Where examples connect to. */
  private static final ThreadLocal<FakeCluster> CLUSTER = new ThreadLocal<>();

  @TempDir private static Path directory = Path.of("");

  private record Example(String where, String code) {}

  /** Called by examples in the place of {@link Tidings#connect}. */
  public static Tidings connect(String replica, String... others) {
    return CLUSTER
        .get()
        .connect(
            Stream.concat(Stream.of(replica), Stream.of(others)).toList(), Duration.ofSeconds(10));
  }

  @TestFactory
  Stream<DynamicTest> each_example_compiles_and_runs() throws IOException {
    var examples = new ArrayList<Example>();
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/dev/tidings/client"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        Matcher blocks = IN_JAVADOC.matcher(Files.readString(source));
        while (blocks.find()) {
          examples.add(
              new Example(
                  source.getFileName().toString(), blocks.group(1).replaceAll("(?m)^ *\\* ?", "")));
        }
      }
    }
    for (String page : List.of("../README.md", "../docs/client.md")) {
      Matcher blocks = IN_MARKDOWN.matcher(Files.readString(Path.of(page)));
      while (blocks.find()) {
        examples.add(new Example(page, blocks.group(1)));
      }
    }
    assertTrue(examples.size() >= 10, examples.size() + " examples");
    return examples.stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    example.where() + ": " + example.code().lines().findFirst().orElse(""),
                    () -> compileAndRun(example.code())));
  }

  private static void compileAndRun(String code) throws Exception {
    Matcher itself = A_CLASS.matcher(code);
    String name = itself.find() ? itself.group(1) : "Example";
    String connected =
        (name.equals("Example") ? wrapped(code) : code)
            .replace("Tidings.connect(", "dev.tidings.client.ExamplesTest.connect(");
    Path classes = Files.createTempDirectory(directory, "example");
    Path source = classes.resolve(name + ".java");
    Files.writeString(source, "package example;\n" + connected);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var errors = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiles =
          compiler
              .getTask(
                  errors,
                  files,
                  null,
                  List.of("-cp", classPath(), "-d", classes.toString(), "-proc:none"),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertTrue(compiles, () -> errors + connected);
    }
    try (var loader =
        new URLClassLoader(
            new URL[] {classes.toUri().toURL()}, ExamplesTest.class.getClassLoader())) {
      run(loader.loadClass("example." + name));
    }
  }

  private static String wrapped(String code) {
    return """
        import dev.tidings.client.*;
        import java.time.Duration;
        import java.util.*;
        import java.util.concurrent.*;
        final class Example {
          static Tidings tidings = Tidings.connect("127.0.0.1:8000");
          static Session session = tidings.session();
          public static void main(String[] arguments) throws Exception {
        %s
            tidings.close();
          }
        }
        """
        .formatted(code);
  }

  private static String classPath() {
    return Stream.of(Tidings.class, ExamplesTest.class, dev.tidings.clock.Version.class)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .reduce((a, b) -> a + java.io.File.pathSeparator + b)
            .orElseThrow()
        + java.io.File.pathSeparator
        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static void run(Class<?> example) throws Exception {
    try (var cluster = new FakeCluster(3)) {
      FakeReplica one = cluster.replica(1);
      FakeReplica two = cluster.replica(2);
      two.beforeRead(() -> two.receiveFrom(one));
      var main = example.getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      var run =
          new FutureTask<>(
              () -> {
                CLUSTER.set(cluster);
                return main.invoke(null, (Object) new String[0]);
              });
      var thread = new Thread(run, "example");
      thread.setDaemon(true);
      thread.start();
      try (Tidings others = cluster.connect("127.0.0.1:8000", Duration.ofSeconds(10))) {
        for (int tries = 0; !isDone(run); tries++) {
          assertTrue(tries < 1_000, () -> "still running: " + List.of(thread.getStackTrace()));
          if (one.openWatches() > 0) {
            others.session().append(Bytes.of("wall"), Bytes.of("hello"));
          }
        }
      }
    }
  }

  /** Waits a while, so that what it waits for can be done. */
  private static boolean isDone(FutureTask<?> run) throws Exception {
    try {
      run.get(20, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
