package dev.tidings.replica;

import dev.tidings.replica.storage.Stored;
import java.util.Optional;

/** A write's condition does not hold; nothing was written. */
public final class ConditionFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConditionFailedException(int replicaId, Condition condition, Optional<Stored> stored) {
    super(
        "at replica %d, %s %s; the condition was that it %s"
            .formatted(
                replicaId,
                condition.register().key(),
                stored
                    .map(
                        s ->
                            s.value().isPresent()
                                ? "has version " + s.version()
                                : "was deleted by version " + s.version())
                    .orElse("was never written"),
                condition.version().map(v -> "has version " + v).orElse("is absent")));
  }
}
