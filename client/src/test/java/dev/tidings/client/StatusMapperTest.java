package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.TidingsException.Reason;
import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class StatusMapperTest {
  private static TidingsException exception(Status status, boolean writeWasSent) {
    return StatusMapper.toException(
        status.asRuntimeException(), "127.0.0.1:1", writeWasSent, Duration.ofSeconds(1));
  }

  @Test
  void a_connection_that_breaks_under_a_request_is_no_connection() {
    Status broken =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    assertEquals(Reason.UNREACHABLE, exception(broken, false).reason());
    assertFalse(exception(broken, false).outcomeUnknown());
    assertTrue(exception(broken, true).outcomeUnknown());
  }

  @Test
  void any_other_failure_without_a_reason_is_told_as_it_is() {
    assertEquals(
        Reason.OTHER, exception(Status.UNKNOWN.withDescription("no idea"), false).reason());
    assertEquals(Reason.OTHER, exception(Status.INTERNAL, false).reason());
  }
}
