package dev.tidings.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The product and its harness with a mutant's changes, and with {@link Mutant#SMALL} limits: all
 * classes of the project, each defined anew, those that the mutant changes compiled from their
 * changed sources.
 */
final class PatchedClasses extends ClassLoader {
  private static final String PROJECT = "dev.tidings.";

  /** Generated from the .proto files: nothing there is changed. */
  private static final List<String> GENERATED =
      List.of("dev.tidings.v1.", "dev.tidings.storage.v1.");

  private final Map<String, byte[]> compiled;

  /** A run's problem by its seed, with these classes; "" for none. */
  static LongFunction<String> problems(Mutant mutant) {
    MethodHandle problem;
    try {
      problem =
          MethodHandles.lookup()
              .findStatic(
                  new PatchedClasses(mutant).loadClass(Simulation.class.getName()),
                  "problem",
                  MethodType.methodType(String.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(mutant + " cannot be run", e);
    }
    return seed -> {
      try {
        return (String) problem.invokeExact(seed);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    };
  }

  private PatchedClasses(Mutant mutant) {
    super(PatchedClasses.class.getClassLoader());
    this.compiled = compile(mutant);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PROJECT) || GENERATED.stream().anyMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      return known != null ? known : findClass(name);
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = compiled.get(name);
    if (bytes == null) {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        bytes = in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private static Map<String, byte[]> compile(Mutant mutant) {
    Map<Path, String> sources = new LinkedHashMap<>();
    Stream.of(Mutant.SMALL, mutant)
        .flatMap(each -> each.changes().stream())
        .distinct()
        .forEach(
            change ->
                sources.compute(
                    source(change),
                    (path, text) -> changed(mutant, change, text == null ? read(path) : text)));
    var units = new ArrayList<JavaFileObject>();
    sources.forEach((path, text) -> units.add(unit(path, text)));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new StringWriter();
    Map<String, ByteArrayOutputStream> classes = new HashMap<>();
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        JavaFileManager files = keeping(classes, standard)) {
      List<String> options =
          List.of("-proc:none", "-nowarn", "-classpath", System.getProperty("java.class.path"));
      if (!compiler.getTask(messages, files, null, options, null, units).call()) {
        throw new AssertionError("mutant \"" + mutant + "\" does not compile: " + messages);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, byte[]> result = new HashMap<>();
    classes.forEach((name, bytes) -> result.put(name, bytes.toByteArray()));
    return result;
  }

  /** Maven's plugin tells where this module is. */
  private static Path source(Mutant.Change change) {
    return Path.of(System.getProperty("basedir", "."))
        .resolveSibling(change.module())
        .resolve("src/main/java/dev/tidings")
        .resolve(change.file() + ".java");
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String changed(Mutant mutant, Mutant.Change change, String source) {
    int first = source.indexOf(change.text());
    if (first < 0 || source.indexOf(change.text(), first + 1) >= 0) {
      throw new AssertionError(
          "mutant \"%s\" is out of date: %s has not exactly one \"%s\""
              .formatted(mutant, change.file(), change.text()));
    }
    return source.replace(change.text(), change.replacement());
  }

  private static JavaFileObject unit(Path path, String text) {
    return new SimpleJavaFileObject(path.toUri(), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  /** Keeps classes in memory. */
  private static JavaFileManager keeping(
      Map<String, ByteArrayOutputStream> classes, JavaFileManager standard) {
    return new ForwardingJavaFileManager<>(standard) {
      @Override
      public JavaFileObject getJavaFileForOutput(
          Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
        return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
          @Override
          public OutputStream openOutputStream() {
            var bytes = new ByteArrayOutputStream();
            classes.put(name, bytes);
            return bytes;
          }
        };
      }
    };
  }
}
