package dev.tidings.router;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.tidings.v1.Incoming;
import dev.tidings.v1.RouteResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Queue;

/**
 * What one host is told, as bytes; all who are told the same share it. Deliveries are encoded as
 * they stand in an {@link Incoming}, so that parcels of them that follow each other make a frame
 * just by being laid side by side. Immutable.
 */
final class Parcel {
  private final byte[] bytes;
  private final int messages;
  private final boolean isWhole;

  private Parcel(byte[] bytes, int messages, boolean isWhole) {
    this.bytes = bytes;
    this.messages = messages;
    this.isWhole = isWhole;
  }

  /** A frame of its own. */
  static Parcel of(RouteResponse response) {
    return new Parcel(response.toByteArray(), 1, true);
  }

  /** Deliveries, as fields of an {@link Incoming}. */
  static Parcel deliveries(byte[] bytes, int count) {
    return new Parcel(bytes, count, false);
  }

  int messages() {
    return messages;
  }

  /** Of a whole frame, a {@link RouteResponse}. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * Takes from a queue as much as shares the next frame: one response, or the deliveries that come
   * first.
   *
   * @param queue not empty
   * @param maxDeliveries so many share a frame at most
   * @param maxBytes so many bytes of them; a larger parcel has a frame of its own
   */
  static Parcel nextFrame(Queue<Parcel> queue, int maxDeliveries, int maxBytes) {
    if (queue.element().isWhole) {
      return queue.remove();
    }
    int parcels = 0;
    int deliveries = 0;
    int bytes = 0;
    for (Parcel parcel : queue) {
      if (parcels > 0
          && (parcel.isWhole
              || deliveries + parcel.messages > maxDeliveries
              || bytes + parcel.bytes.length > maxBytes)) {
        break;
      }
      parcels++;
      deliveries += parcel.messages;
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
      for (int i = 0; i < parcels; i++) {
        out.writeRawBytes(queue.remove().bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Parcel(frame, deliveries, true);
  }
}
