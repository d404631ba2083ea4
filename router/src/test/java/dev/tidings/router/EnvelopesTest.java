package dev.tidings.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Incoming;
import dev.tidings.v1.Join;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.VectorClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvelopesTest {
  private static final int FROM = 300;

  private static RouteRequest request(Outgoing outgoing) {
    return RouteRequest.newBuilder().setOutgoing(outgoing).build();
  }

  private static Outgoing outgoing(Random chance) {
    var outgoing = Outgoing.newBuilder();
    for (int i = chance.nextInt(5); i >= 0; i--) {
      var envelope = Envelope.newBuilder();
      if (chance.nextInt(4) > 0) {
        envelope.setTarget(chance.nextInt(8) == 0 ? chance.nextInt() : chance.nextInt(3));
      }
      if (chance.nextInt(8) > 0) {
        envelope.setMessage(message(chance));
      }
      if (chance.nextInt(8) == 0) {
        envelope.setUnknownFields(unknown(chance));
      }
      outgoing.addEnvelopes(envelope);
    }
    if (chance.nextInt(8) == 0) {
      outgoing.setUnknownFields(unknown(chance));
    }
    return outgoing.build();
  }

  private static Message message(Random chance) {
    var message = Message.newBuilder();
    if (chance.nextBoolean()) {
      message.setLamportTime(chance.nextLong()).setSentAtMicros(chance.nextLong());
    }
    if (chance.nextInt(3) == 0) {
      message.setVectorClock(
          VectorClock.newBuilder()
              .putEvents(1, chance.nextLong())
              .putEvents(chance.nextInt(), 3)
              .putEvents(0, 0));
    }
    if (chance.nextBoolean()) {
      message.setPayload(ByteString.copyFrom(new byte[chance.nextInt(200)]));
    }
    if (chance.nextInt(4) == 0) {
      message.setTargetAmongKnown(chance.nextInt(3)).setUnknownFields(unknown(chance));
    }
    return message.build();
  }

  private static UnknownFieldSet unknown(Random chance) {
    return UnknownFieldSet.newBuilder()
        .addField(
            100,
            UnknownFieldSet.Field.newBuilder()
                .addVarint(chance.nextLong())
                .addFixed32(7)
                .addGroup(
                    UnknownFieldSet.newBuilder()
                        .addField(5, UnknownFieldSet.Field.newBuilder().addFixed64(1).build())
                        .build())
                .build())
        .build();
  }

  /** What the generated code has of it. */
  private static List<Delivery> deliveries(Outgoing outgoing) {
    return outgoing.getEnvelopesList().stream()
        .map(
            it ->
                Delivery.newBuilder()
                    .setFromHostId(FROM)
                    .setTarget(it.getTarget())
                    .setMessage(it.getMessage())
                    .build())
        .toList();
  }

  private static List<Delivery> deliveries(Envelopes envelopes, int maxBytes)
      throws InvalidProtocolBufferException {
    var all = new ArrayList<Delivery>();
    for (int first = 0; first < envelopes.size(); ) {
      int end = envelopes.endOfRun(first);
      Parcel parcel = envelopes.deliveries(FROM, first, end, maxBytes);
      List<Delivery> some = Incoming.parseFrom(parcel.bytes()).getDeliveriesList();
      assertEquals(parcel.messages(), some.size());
      assertTrue(some.size() == 1 || parcel.bytes().length <= maxBytes);
      all.addAll(some);
      first += some.size();
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void envelopes_become_the_deliveries_that_the_generated_code_would_make(long seed)
      throws InvalidProtocolBufferException {
    var chance = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      Outgoing outgoing = outgoing(chance);
      Envelopes envelopes = Envelopes.in(request(outgoing).toByteArray());
      assertNotNull(envelopes, outgoing::toString);
      assertEquals(deliveries(outgoing), deliveries(envelopes, 1 + chance.nextInt(500)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void nothing_is_passed_on_that_the_generated_code_cannot_read_or_reads_otherwise(long seed)
      throws InvalidProtocolBufferException {
    var chance = new Random(seed);
    int read = 0;
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] junk = junk(chance, request(outgoing(chance)).toByteArray());
      Outgoing known = parsed(junk);
      Envelopes envelopes = Envelopes.in(junk);
      if (known == null) {
        assertNull(envelopes, () -> Arrays.toString(junk));
        refused++;
      } else if (envelopes != null) {
        assertEquals(deliveries(known), deliveries(envelopes, 1 << 20));
        read++;
      } else {
        assertEquals(deliveries(known), deliveries(Envelopes.of(known), 1 << 20));
      }
    }
    assertTrue(read > 1_000 && refused > 1_000, read + " read, " + refused + " refused");
  }

  /** Null if it cannot be read, or is something else. */
  private static @Nullable Outgoing parsed(byte[] bytes) {
    try {
      RouteRequest request = RouteRequest.parseFrom(bytes);
      return request.hasOutgoing() ? request.getOutgoing() : null;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static byte[] junk(Random chance, byte[] bytes) {
    return switch (chance.nextInt(4)) {
      case 0 -> Arrays.copyOf(bytes, chance.nextInt(bytes.length + 3));
      case 1 -> {
        byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
        yield twice;
      }
      default -> {
        byte[] changed = bytes.clone();
        for (int i = chance.nextInt(3); i >= 0; i--) {
          changed[chance.nextInt(changed.length)] =
              (byte) (chance.nextBoolean() ? chance.nextInt() : chance.nextInt(32));
        }
        yield changed;
      }
    };
  }

  @Test
  void a_message_in_two_parts_and_a_frame_in_two_parts_are_one()
      throws InvalidProtocolBufferException {
    Message first = Message.newBuilder().setLamportTime(7).build();
    Message second = Message.newBuilder().setPayload(ByteString.copyFromUtf8("x")).build();
    ByteString twoParts =
        Envelope.newBuilder()
            .setMessage(first)
            .build()
            .toByteString()
            .concat(Envelope.newBuilder().setMessage(second).build().toByteString());
    Envelope whole = Envelope.parseFrom(twoParts);
    assertEquals(first.toBuilder().mergeFrom(second).build(), whole.getMessage());
    byte[] request =
        RouteRequest.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        RouteRequest.OUTGOING_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(
                                ByteString.copyFrom(new byte[] {10, (byte) twoParts.size()})
                                    .concat(twoParts))
                            .build())
                    .build())
            .build()
            .toByteArray();
    assertNull(Envelopes.in(request));
    Outgoing outgoing = RouteRequest.parseFrom(request).getOutgoing();
    assertEquals(List.of(whole), outgoing.getEnvelopesList());
    assertEquals(deliveries(outgoing), deliveries(Envelopes.of(outgoing), 100));
  }

  @Test
  void a_join_is_no_frame() {
    assertNull(
        Envelopes.in(
            RouteRequest.newBuilder().setJoin(Join.getDefaultInstance()).build().toByteArray()));
    assertNull(Envelopes.in(new byte[0]));
  }
}
