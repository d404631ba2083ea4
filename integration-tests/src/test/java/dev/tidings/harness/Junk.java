package dev.tidings.harness;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.tidings.v1.Moment;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SessionToken;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** Requests that are none, or nearly are; by chance, and the same for the same seed. */
public final class Junk {
  private static final long[] EXTREMES = {
    0,
    1,
    2,
    -1,
    3,
    1L << 31,
    1L << 32,
    1L << 40,
    (1L << 62) - 1,
    1L << 62,
    Long.MAX_VALUE - 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Integer.MAX_VALUE
  };

  private final Random chance;

  public Junk(Random chance) {
    this.chance = chance;
  }

  /** A method that is sent any bytes, in any number, whatever it is for. */
  public static <R> MethodDescriptor<byte[], R> raw(MethodDescriptor<?, R> method) {
    return method.toBuilder(RAW, method.getResponseMarshaller())
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .build();
  }

  private static final MethodDescriptor.Marshaller<byte[]> RAW =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          throw new UnsupportedOperationException();
        }
      };

  /** Bytes from a valid message: as they are, or with some changed; or any. */
  public byte[] bytes(Message valid) {
    byte[] bytes = valid.toByteArray();
    return switch (chance.nextInt(7)) {
      case 0 -> random(chance.nextInt(100));
      case 1 -> flipped(bytes);
      case 2 -> cut(bytes);
      case 3 -> inserted(bytes);
      // Every field once more: messages are merged, lists doubled, and of a union the last counts.
      case 4 -> concat(bytes, mutated(valid).toByteArray());
      default -> mutated(valid).toByteArray();
    };
  }

  private byte[] random(int length) {
    var bytes = new byte[length];
    chance.nextBytes(bytes);
    return bytes;
  }

  private byte[] flipped(byte[] bytes) {
    byte[] copy = bytes.clone();
    for (int i = chance.nextInt(4); i >= 0 && copy.length > 0; i--) {
      copy[chance.nextInt(copy.length)] ^= (byte) (1 << chance.nextInt(8));
    }
    return copy;
  }

  private byte[] cut(byte[] bytes) {
    int from = chance.nextInt(bytes.length + 1);
    int to = from + chance.nextInt(bytes.length - from + 1);
    return concat(slice(bytes, 0, from), slice(bytes, to, bytes.length));
  }

  private byte[] inserted(byte[] bytes) {
    int at = chance.nextInt(bytes.length + 1);
    return concat(
        concat(slice(bytes, 0, at), random(1 + chance.nextInt(5))), slice(bytes, at, bytes.length));
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return java.util.Arrays.copyOfRange(bytes, from, to);
  }

  private static byte[] concat(byte[] a, byte[] b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }

  /** A message of the same type with one to three fields, at any depth, changed. */
  public <M extends Message> M mutated(M message) {
    Message result = message;
    for (int i = chance.nextInt(3); i >= 0; i--) {
      result = mutatedOnce(result);
    }
    @SuppressWarnings("unchecked")
    M same = (M) result;
    return same;
  }

  private Message mutatedOnce(Message message) {
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    Message.Builder builder = message.toBuilder();
    if (fields.isEmpty()) {
      return builder
          .setUnknownFields(
              UnknownFieldSet.newBuilder()
                  .addField(
                      7, UnknownFieldSet.Field.newBuilder().addVarint(chance.nextInt()).build())
                  .build())
          .build();
    }
    // What is there is changed more often than what is not.
    var set = new ArrayList<>(message.getAllFields().keySet());
    FieldDescriptor field = pick(set.isEmpty() || chance.nextInt(4) == 0 ? fields : set);
    if (chance.nextInt(5) == 0 || field.isMapField()) {
      return builder.clearField(field).build();
    }
    if (field.isRepeated()) {
      builder.setField(field, changed(builder, field));
    } else {
      builder.setField(field, value(field, builder.getField(field), builder));
    }
    return builder.build();
  }

  private List<Object> changed(Message.Builder builder, FieldDescriptor field) {
    var list = new ArrayList<Object>((List<?>) builder.getField(field));
    switch (chance.nextInt(list.isEmpty() ? 1 : 5)) {
      case 0 -> {
        Object fresh =
            field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                ? builder.newBuilderForField(field).build()
                : scalar(field);
        for (int i = chance.nextInt(20) == 0 ? 10_000 : 1; i > 0; i--) {
          list.add(fresh);
        }
      }
      case 1 -> list.remove(chance.nextInt(list.size()));
      case 2 -> list.add(list.get(chance.nextInt(list.size())));
      case 3 -> Collections.shuffle(list, chance);
      default -> {
        int i = chance.nextInt(list.size());
        list.set(i, value(field, list.get(i), builder));
      }
    }
    return list;
  }

  private Object value(FieldDescriptor field, Object old, Message.Builder parent) {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
      return scalar(field);
    }
    return mutatedOnce(old instanceof Message m ? m : parent.newBuilderForField(field).build());
  }

  private Object scalar(FieldDescriptor field) {
    long number = EXTREMES[chance.nextInt(EXTREMES.length)] + chance.nextInt(3) - 1;
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case BOOLEAN -> chance.nextBoolean();
      case STRING -> text();
      case BYTE_STRING -> ByteString.copyFrom(random(size()));
      case ENUM -> {
        List<EnumValueDescriptor> values = field.getEnumType().getValues();
        yield chance.nextInt(4) == 0
            ? field.getEnumType().findValueByNumberCreatingIfUnknown(chance.nextInt())
            : pick(values);
      }
      case FLOAT, DOUBLE, MESSAGE -> throw new AssertionError(field);
    };
  }

  private String text() {
    return (chance.nextBoolean() ? "line\nbreak " : "\u20ac\ud83d\ude00").repeat(1 + size() / 10);
  }

  /** Mostly small, at times a little more than a key may have, and seldom a megabyte. */
  private int size() {
    return switch (chance.nextInt(40)) {
      case 0 -> 1 << 20;
      case 1, 2 -> 1_020 + chance.nextInt(10);
      default -> chance.nextInt(40);
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(chance.nextInt(list.size()));
  }

  /** A session that a replica takes for one of its own, whatever it holds. */
  public static SessionState forged(SessionToken token) {
    return SessionState.newBuilder().setToken(forged("", token)).build();
  }

  /** A moment that a replica takes for one of its own, whatever it holds. */
  public static ByteString forged(Moment moment) {
    return forged("moment", moment);
  }

  private static ByteString forged(String word, Message message) {
    byte[] bytes = message.toByteArray();
    var crc = new CRC32C();
    crc.update(word.getBytes(StandardCharsets.UTF_8));
    crc.update(bytes);
    return ByteString.copyFrom(
        concat(bytes, ByteBuffer.allocate(4).putInt(0, (int) crc.getValue()).array()));
  }
}
