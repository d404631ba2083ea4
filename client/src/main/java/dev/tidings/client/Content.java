package dev.tidings.client;

/** What an object holds that may be a map's field; the class says of which type it is. */
public sealed interface Content permits Value, MultiValue, CounterValue, SetPage, FeedPage {}
