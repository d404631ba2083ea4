package dev.tidings.router;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Incoming;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.VectorClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The envelopes of one frame, as the bytes in which they came: what hosts tell each other is passed
 * on and not taken apart, only looked through, since what cannot be read must not reach a host.
 * Immutable.
 */
final class Envelopes {
  private static final int OUTGOING = lengthDelimited(RouteRequest.OUTGOING_FIELD_NUMBER);
  private static final int ENVELOPE = lengthDelimited(Outgoing.ENVELOPES_FIELD_NUMBER);
  private static final int TARGET = tag(Envelope.TARGET_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
  private static final int MESSAGE = lengthDelimited(Envelope.MESSAGE_FIELD_NUMBER);

  /** In a message, in that, and in that: fields that are messages themselves. */
  private static final int[] NESTED = {
    lengthDelimited(Message.VECTOR_CLOCK_FIELD_NUMBER),
    lengthDelimited(VectorClock.EVENTS_FIELD_NUMBER)
  };

  private final byte[] frame;
  private int[] targets = new int[16];

  /** Where each message begins and ends. */
  private int[] messages = new int[32];

  private int size;

  private Envelopes(byte[] frame) {
    this.frame = frame;
  }

  static Envelopes of(Outgoing outgoing) {
    Envelopes envelopes = in(RouteRequest.newBuilder().setOutgoing(outgoing).build().toByteArray());
    if (envelopes == null) {
      throw new IllegalStateException("an encoded frame is not plain");
    }
    return envelopes;
  }

  /**
   * What is in a request; null if it is no frame of envelopes, cannot be read, or is put in other
   * words than the generated code's, which is to be asked then.
   */
  static @Nullable Envelopes in(byte[] request) {
    var envelopes = new Envelopes(request);
    try {
      return envelopes.find() ? envelopes : null;
    } catch (IOException e) {
      return null;
    }
  }

  int size() {
    return size;
  }

  int target(int index) {
    return targets[index];
  }

  /** Where the envelopes end that follow this one and have its target. */
  int endOfRun(int first) {
    int end = first + 1;
    while (end < size && targets[end] == targets[first]) {
      end++;
    }
    return end;
  }

  /**
   * Deliveries as they stand in an {@link Incoming}, side by side.
   *
   * @param maxBytes so many bytes at most, but one delivery at least
   */
  Parcel deliveries(int from, int first, int end, int maxBytes) {
    int bytes = 0;
    int next = first;
    while (next < end) {
      int delivery = deliveryBytes(from, next);
      int more =
          CodedOutputStream.computeTagSize(Incoming.DELIVERIES_FIELD_NUMBER)
              + CodedOutputStream.computeUInt32SizeNoTag(delivery)
              + delivery;
      if (next > first && bytes + more > maxBytes) {
        break;
      }
      bytes += more;
      next++;
    }
    var deliveries = new byte[bytes];
    var out = CodedOutputStream.newInstance(deliveries);
    try {
      for (int i = first; i < next; i++) {
        out.writeTag(Incoming.DELIVERIES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(deliveryBytes(from, i));
        out.writeUInt32(Delivery.FROM_HOST_ID_FIELD_NUMBER, from);
        if (targets[i] != 0) {
          out.writeUInt32(Delivery.TARGET_FIELD_NUMBER, targets[i]);
        }
        out.writeTag(Delivery.MESSAGE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(messageBytes(i));
        out.writeRawBytes(frame, messages[2 * i], messageBytes(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Parcel.deliveries(deliveries, next - first);
  }

  private int deliveryBytes(int from, int index) {
    int target = targets[index];
    return CodedOutputStream.computeUInt32Size(Delivery.FROM_HOST_ID_FIELD_NUMBER, from)
        + (target == 0
            ? 0
            : CodedOutputStream.computeUInt32Size(Delivery.TARGET_FIELD_NUMBER, target))
        + CodedOutputStream.computeTagSize(Delivery.MESSAGE_FIELD_NUMBER)
        + CodedOutputStream.computeUInt32SizeNoTag(messageBytes(index))
        + messageBytes(index);
  }

  private int messageBytes(int index) {
    return messages[2 * index + 1] - messages[2 * index];
  }

  private boolean find() throws IOException {
    var in = CodedInputStream.newInstance(frame);
    if (in.readTag() != OUTGOING) {
      return false;
    }
    int length = in.readRawVarint32();
    if (length != frame.length - in.getTotalBytesRead()) {
      return false;
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != ENVELOPE) {
        skip(in, tag);
      } else if (!findEnvelope(in)) {
        return false;
      }
    }
    return true;
  }

  /** False if it has two messages, which are one that is made of both. */
  private boolean findEnvelope(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    int target = 0;
    int begin = -1;
    int end = -1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == TARGET) {
        target = in.readUInt32();
      } else if (tag == MESSAGE) {
        if (begin >= 0) {
          return false;
        }
        int length = in.readRawVarint32();
        begin = in.getTotalBytesRead();
        end = begin + length;
        lookThrough(in, length, 0);
      } else {
        skip(in, tag);
      }
    }
    in.popLimit(outer);
    add(target, Math.max(0, begin), Math.max(0, end));
    return true;
  }

  private void add(int target, int begin, int end) {
    if (size == targets.length) {
      targets = Arrays.copyOf(targets, 2 * size);
      messages = Arrays.copyOf(messages, 4 * size);
    }
    targets[size] = target;
    messages[2 * size] = begin;
    messages[2 * size + 1] = end;
    size++;
  }

  /**
   * That whoever gets it can read it.
   *
   * @param depth 0 for a message, and one more for each of {@link #NESTED} that it lies in
   */
  private static void lookThrough(CodedInputStream in, int length, int depth) throws IOException {
    int outer = in.pushLimit(length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (depth < NESTED.length && tag == NESTED[depth]) {
        lookThrough(in, in.readRawVarint32(), depth + 1);
      } else {
        skip(in, tag);
      }
    }
    in.popLimit(outer);
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that has not begun");
    }
  }

  private static int lengthDelimited(int field) {
    return tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }
}
