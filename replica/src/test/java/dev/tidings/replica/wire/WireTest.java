package dev.tidings.replica.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WireTest {
  private static Bytes bytes(Random chance, int atMost) {
    var bytes = new byte[chance.nextInt(atMost)];
    chance.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  private static Origin origin(Random chance) {
    return new Origin(1 + chance.nextInt(3), 1 + chance.nextInt(2));
  }

  private static Write write(Random chance) {
    Origin origin = origin(chance);
    PositionSet dependencies = PositionSet.EMPTY;
    for (int i = chance.nextInt(20); i > 0; i--) {
      dependencies = dependencies.with(new Position(origin(chance), 1 + chance.nextInt(9)));
    }
    var mutations = new ArrayList<Mutation>();
    for (int i = chance.nextInt(4); i >= 0; i--) {
      Bytes key = bytes(chance, 20);
      mutations.add(
          switch (chance.nextInt(3)) {
            case 0 -> new Mutation.Put(key, bytes(chance, 50));
            case 1 -> new Mutation.Delete(key);
            default -> new Mutation.Append(key, bytes(chance, 50));
          });
    }
    var session = new byte[16];
    chance.nextBytes(session);
    return new Write(
        new Position(origin, 1 + chance.nextLong(Long.MAX_VALUE)),
        new Version(1 + chance.nextLong(1L << 62), origin),
        chance.nextBoolean()
            ? Optional.of(
                new RequestId(Bytes.of(session), 1 + chance.nextLong(1_000), chance.nextBoolean()))
            : Optional.empty(),
        dependencies,
        chance.nextLong(),
        mutations);
  }

  @Test
  void every_write_survives_serialisation() throws InvalidProtocolBufferException {
    for (long seed = 1; seed <= 1_000; seed++) {
      Write write = write(new Random(seed));
      byte[] sent = Wire.toProto(write).toByteArray();
      assertEquals(write, Wire.fromProto(dev.tidings.v1.Write.parseFrom(sent)), "seed " + seed);
    }
  }

  @Test
  void position_sets_that_the_contract_does_not_allow_are_refused() {
    var bad =
        dev.tidings.v1.PositionSet.newBuilder()
            .setRanges(ByteString.copyFrom(new byte[] {1, 1, 0}))
            .build();
    assertThrows(InvalidRequestException.class, () -> Wire.fromProto(bad));
  }

  @Test
  void a_flipped_bit_makes_another_write_or_is_refused_and_nothing_else() {
    int refused = 0;
    for (long seed = 1; seed <= 2_000; seed++) {
      var chance = new Random(seed);
      byte[] bytes = Wire.toProto(write(chance)).toByteArray();
      bytes[chance.nextInt(bytes.length)] ^= (byte) (1 << chance.nextInt(8));
      try {
        Wire.fromProto(dev.tidings.v1.Write.parseFrom(bytes));
      } catch (InvalidProtocolBufferException | InvalidRequestException e) {
        // Refused as it should be; any other exception fails the test.
        refused++;
      }
    }
    assertTrue(refused > 0);
  }

  /** Peers take messages twice as large as what clients may ask for. */
  @Test
  void many_small_elements_count_as_what_they_take_in_a_message() {
    var elements = new ArrayList<Bytes>();
    for (int i = 0; i < 10_000; i++) {
      elements.add(Bytes.of(new byte[] {(byte) (i >> 8), (byte) i}));
    }
    var origin = new Origin(1, Integer.MAX_VALUE);
    Bytes set = Bytes.utf8("s");
    var add = new Mutation.Add(set, elements);
    var remove =
        new Mutation.Remove(
            set,
            elements.stream()
                .map(
                    element ->
                        new Mutation.Removed(
                            element, List.of(new Position(origin, 1_000_000_000_000L))))
                .toList(),
            false);
    for (Mutation mutation : List.of(add, remove)) {
      assertTrue(Wire.toProto(mutation).getSerializedSize() < 1.5 * mutation.size());
    }
  }
}
