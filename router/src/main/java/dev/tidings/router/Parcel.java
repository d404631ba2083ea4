package dev.tidings.router;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Incoming;
import dev.tidings.v1.RouteResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Queue;

/**
 * What one host is told, as bytes; all who are told the same share it. A delivery is encoded as it
 * stands in an {@link Incoming}, so that any that follow each other make a frame just by being laid
 * side by side. Immutable.
 */
final class Parcel {
  private final byte[] bytes;
  private final boolean isDelivery;

  private Parcel(byte[] bytes, boolean isDelivery) {
    this.bytes = bytes;
    this.isDelivery = isDelivery;
  }

  /** Anything but deliveries; it has a frame of its own. */
  static Parcel of(RouteResponse response) {
    return new Parcel(response.toByteArray(), false);
  }

  static Parcel delivery(int from, Envelope envelope) {
    var delivery =
        Delivery.newBuilder()
            .setFromHostId(from)
            .setTarget(envelope.getTarget())
            .setMessage(envelope.getMessage())
            .build();
    var bytes =
        new byte[CodedOutputStream.computeMessageSize(Incoming.DELIVERIES_FIELD_NUMBER, delivery)];
    try {
      CodedOutputStream.newInstance(bytes).writeMessage(Incoming.DELIVERIES_FIELD_NUMBER, delivery);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Parcel(bytes, true);
  }

  /**
   * Takes from a queue as much as shares the next frame, a {@link RouteResponse} as bytes: one
   * response, or the deliveries that come first.
   *
   * @param queue not empty
   * @param maxDeliveries so many share a frame at most
   * @param maxBytes so many bytes of them; a larger one has a frame of its own
   */
  static byte[] nextFrame(Queue<Parcel> queue, int maxDeliveries, int maxBytes) {
    int count = 0;
    int bytes = 0;
    for (Parcel parcel : queue) {
      if (count > 0
          && (!parcel.isDelivery
              || count == maxDeliveries
              || bytes + parcel.bytes.length > maxBytes)) {
        break;
      }
      if (!parcel.isDelivery) {
        return queue.remove().bytes;
      }
      count++;
      bytes += parcel.bytes.length;
    }
    int header =
        CodedOutputStream.computeTagSize(RouteResponse.INCOMING_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(bytes);
    var frame = new byte[header + bytes];
    try {
      var out = CodedOutputStream.newInstance(frame);
      out.writeTag(RouteResponse.INCOMING_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(bytes);
      for (int i = 0; i < count; i++) {
        out.writeRawBytes(queue.remove().bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return frame;
  }
}
