package dev.tidings.drift;

import java.util.Arrays;
import java.util.List;

/**
 * Some of a simulation's hosts, with neighbouring ids: what {@link DriftHost} does, in arrays.
 * Confined to one thread at a time. Inside, hosts are numbers from 0, in the whole simulation.
 */
public final class Part {
  // A host's numbers lie side by side, so that a tick touches one line of the cache.
  private static final int HOST_FIELDS = 8;
  private static final int CLOCK = 0;
  private static final int CHANCE = 1;
  private static final int TICKS = 2;
  private static final int HEAD_AND_TAIL = 3;
  private static final int LARGEST_QUEUE_AND_QUEUE = 4;
  private static final int RECEIVES_AND_SENDS = 5;
  private static final int LARGEST_JUMP = 6;
  private static final int RATE = 7;

  // A message in an inbox; message 0 means none.
  private static final int MESSAGE_FIELDS = 4;
  private static final int STAMP = 0;
  private static final int SENT = 1;
  private static final int FROM_AND_TARGET = 2;
  private static final int NEXT_AND_TICK = 3;

  private static final long ONE_HIGH = 1L << 32;

  private final DriftSetup setup;
  private final ExperimentSeed seed;
  private final LinkModel link;
  private final boolean isDelayConstant;
  private final long delayNanos;
  private final double tickJitter;
  private final int number;
  private final int first;
  private final int count;
  private final int hostsInPart;
  private final boolean isComplete;
  private final int others;

  /** Whom each host knows, ascending, one host after the other; empty if all know all. */
  private final int[] known;

  private final SimulationSink sink;
  private final boolean hasSink;
  private final HostChance chance = new HostChance(0);
  private final long[] hosts;
  private final TickQueue ticks;
  private final Flights flights;

  /** What was sent in this window, for each part; empty if there is one part only. */
  private final Flights[] sent;

  private long[] messages = new long[1024 * MESSAGE_FIELDS];
  private int messagesUsed = 1;
  private int freeMessage;

  Part(
      DriftSetup setup,
      int number,
      int parts,
      int first,
      int count,
      int hostsInPart,
      SimulationSink sink) {
    this.setup = setup;
    this.seed = setup.seed();
    this.link = setup.link();
    this.isDelayConstant = link.delay().shape() == LinkModel.Delay.Shape.CONSTANT;
    this.delayNanos = link.delay().minNanos();
    this.tickJitter = setup.tickJitter();
    this.number = number;
    this.first = first;
    this.count = count;
    this.hostsInPart = hostsInPart;
    this.isComplete = setup.isComplete();
    this.others = setup.others();
    this.sink = sink;
    this.hasSink = sink != SimulationSink.NONE;
    this.hosts = new long[Math.multiplyExact(count, HOST_FIELDS)];
    this.known = new int[isComplete ? 0 : Math.multiplyExact(count, others)];
    this.ticks =
        new TickQueue(setup.longestNanos(), setup.ticksPerSecond(), setup.maxTicksPerSecond());
    this.flights = newFlights();
    this.sent = new Flights[parts == 1 ? 0 : parts];
    Arrays.setAll(sent, i -> newFlights());
    for (int local = 0; local < count; local++) {
      int id = first + local + 1;
      hosts[local * HOST_FIELDS + CHANCE] = seed.chanceOf(id).state();
      hosts[local * HOST_FIELDS + RATE] = Double.doubleToRawLongBits(setup.rate(id));
      if (!isComplete) {
        System.arraycopy(setup.othersOf(id), 0, known, local * others, others);
      }
      ticks.add(dueNanos(local, 0), local);
    }
  }

  private Flights newFlights() {
    return isDelayConstant ? Flights.inOrder() : Flights.inAnyOrder();
  }

  private long dueNanos(int local, long tick) {
    int id = first + local + 1;
    double rate = Double.longBitsToDouble(hosts[local * HOST_FIELDS + RATE]);
    return setup.startNanos(id) + TickSchedule.dueNanos(id, tick, rate, tickJitter, seed);
  }

  /**
   * Simulates this part's ticks before {@code endNanos}; of several parts at most the length of a
   * window after the last exchange.
   */
  public void run(long endNanos) {
    while (ticks.next(endNanos)) {
      long now = ticks.nanos();
      while (flights.arrivalNanos() < now) {
        land();
      }
      int local = ticks.host();
      tick(local, now);
      ticks.add(dueNanos(local, hosts[local * HOST_FIELDS + TICKS]), local);
    }
    // What arrives before the end counts, even if no tick comes after it.
    while (flights.arrivalNanos() < endNanos) {
      land();
    }
  }

  private void tick(int local, long now) {
    int at = local * HOST_FIELDS;
    int head = (int) (hosts[at + HEAD_AND_TAIL] >>> 32);
    if (head != 0) {
      receive(local, at, head, now);
      return;
    }
    long tick = hosts[at + TICKS]++;
    long time = ++hosts[at + CLOCK];
    if (hosts[at + LARGEST_JUMP] == 0) {
      hosts[at + LARGEST_JUMP] = 1;
    }
    chance.setState(hosts[at + CHANCE]);
    int target = Draw.target(chance, setup.probInternal(first + local + 1), others);
    hosts[at + CHANCE] = chance.state();
    if (target == Draw.INTERNAL) {
      if (hasSink) {
        sink.internal(first + local + 1, now, time);
      }
      return;
    }
    hosts[at + RECEIVES_AND_SENDS]++;
    if (hasSink) {
      sink.send(first + local + 1, now, time, (int) tick, target);
    }
    send(local, now, time, (int) tick, target);
  }

  private void receive(int local, int at, int head, long now) {
    int message = head * MESSAGE_FIELDS;
    long stamp = messages[message + STAMP];
    long before = hosts[at + CLOCK];
    long time = Math.max(before, stamp) + 1;
    hosts[at + CLOCK] = time;
    hosts[at + TICKS]++;
    hosts[at + RECEIVES_AND_SENDS] += ONE_HIGH;
    hosts[at + LARGEST_JUMP] = Math.max(hosts[at + LARGEST_JUMP], time - before);
    int next = (int) (messages[message + NEXT_AND_TICK] >>> 32);
    hosts[at + HEAD_AND_TAIL] = next == 0 ? 0 : Flights.pack(next, (int) hosts[at + HEAD_AND_TAIL]);
    int queue = (int) hosts[at + LARGEST_QUEUE_AND_QUEUE] - 1;
    int largest = Math.max(queue, (int) (hosts[at + LARGEST_QUEUE_AND_QUEUE] >>> 32));
    hosts[at + LARGEST_QUEUE_AND_QUEUE] = Flights.pack(largest, queue);
    if (hasSink) {
      long fromAndTarget = messages[message + FROM_AND_TARGET];
      sink.receive(
          first + local + 1,
          now,
          time,
          queue,
          Flights.from(fromAndTarget) + 1,
          (int) messages[message + NEXT_AND_TICK],
          Flights.target(fromAndTarget),
          stamp,
          messages[message + SENT]);
    }
    messages[message + NEXT_AND_TICK] = Flights.pack(freeMessage, 0);
    freeMessage = head;
  }

  private void send(int local, long now, long time, int tick, int target) {
    int from = first + local;
    long fromAndTarget = Flights.pack(from, target);
    if (target != Target.BROADCAST) {
      post(recipient(local, target), now, time, tick, fromAndTarget);
    } else if (isComplete && isDelayConstant) {
      long tickAndTo = Flights.pack(tick, Flights.EVERYONE);
      if (sent.length == 0) {
        flights.add(now + delayNanos, time, now, fromAndTarget, tickAndTo);
      }
      for (Flights to : sent) {
        to.add(now + delayNanos, time, now, fromAndTarget, tickAndTo);
      }
    } else {
      for (int other = 1; other <= others; other++) {
        post(recipient(local, other), now, time, tick, fromAndTarget);
      }
    }
  }

  private int recipient(int local, int target) {
    if (isComplete) {
      return target - 1 < first + local ? target - 1 : target;
    }
    return known[local * others + target - 1] - 1;
  }

  private void post(int to, long now, long time, int tick, long fromAndTarget) {
    int from = Flights.from(fromAndTarget);
    long delay = isDelayConstant ? delayNanos : link.delayNanos(seed, from + 1, tick, to + 1);
    Flights target = sent.length == 0 ? flights : sent[to / hostsInPart];
    target.add(now + delay, time, now, fromAndTarget, Flights.pack(tick, to));
  }

  /** The first of the messages under way arrives. */
  private void land() {
    int to = flights.to();
    int from = flights.from();
    if (to != Flights.EVERYONE) {
      land(to - first, from, to);
    } else {
      for (int local = 0; local < count; local++) {
        if (first + local != from) {
          land(local, from, first + local);
        }
      }
    }
    flights.remove();
  }

  private void land(int local, int from, int to) {
    if (link.loses(seed, from + 1, flights.tick(), to + 1)) {
      return;
    }
    int message = newMessage();
    int place = message * MESSAGE_FIELDS;
    messages[place + STAMP] = flights.stamp();
    messages[place + SENT] = flights.sentNanos();
    messages[place + FROM_AND_TARGET] = flights.fromAndTarget();
    messages[place + NEXT_AND_TICK] = flights.tick();
    int at = local * HOST_FIELDS;
    int head = (int) (hosts[at + HEAD_AND_TAIL] >>> 32);
    if (head == 0) {
      hosts[at + HEAD_AND_TAIL] = Flights.pack(message, message);
    } else {
      int tail = (int) hosts[at + HEAD_AND_TAIL] * MESSAGE_FIELDS;
      messages[tail + NEXT_AND_TICK] = Flights.pack(message, (int) messages[tail + NEXT_AND_TICK]);
      hosts[at + HEAD_AND_TAIL] = Flights.pack(head, message);
    }
    hosts[at + LARGEST_QUEUE_AND_QUEUE]++;
  }

  private int newMessage() {
    if (freeMessage != 0) {
      int message = freeMessage;
      freeMessage = (int) (messages[message * MESSAGE_FIELDS + NEXT_AND_TICK] >>> 32);
      return message;
    }
    if (messagesUsed * MESSAGE_FIELDS == messages.length) {
      messages = Arrays.copyOf(messages, Math.multiplyExact(messages.length, 2));
    }
    return messagesUsed++;
  }

  /**
   * Takes what was sent to this part's hosts in the window that is over; all parts have run it, and
   * none begins the next one before all have exchanged.
   */
  public void exchange(List<Part> parts) {
    while (true) {
      Flights earliest = null;
      for (Part part : parts) {
        Flights theirs = part.sent[number];
        if (!theirs.isEmpty() && (earliest == null || isEarlier(theirs, earliest))) {
          earliest = theirs;
        }
      }
      if (earliest == null) {
        return;
      }
      flights.addFirstOf(earliest);
      earliest.remove();
    }
  }

  /** One sender's messages all come from one part, in their order. */
  private static boolean isEarlier(Flights a, Flights b) {
    return a.arrivalNanos() != b.arrivalNanos()
        ? a.arrivalNanos() < b.arrivalNanos()
        : a.from() < b.from();
  }

  long events() {
    long events = 0;
    for (int at = TICKS; at < hosts.length; at += HOST_FIELDS) {
      events += hosts[at];
    }
    return events;
  }

  Simulation.HostTotals totals(int hostId) {
    int at = (hostId - 1 - first) * HOST_FIELDS;
    return new Simulation.HostTotals(
        hosts[at + TICKS],
        hosts[at + RECEIVES_AND_SENDS] >>> 32,
        (int) hosts[at + RECEIVES_AND_SENDS],
        hosts[at + CLOCK],
        hosts[at + LARGEST_JUMP],
        (int) hosts[at + LARGEST_QUEUE_AND_QUEUE],
        (int) (hosts[at + LARGEST_QUEUE_AND_QUEUE] >>> 32));
  }
}
