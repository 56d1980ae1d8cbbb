package io.balsa.engine;

/** What a replica has counted since start, for {@code Reply.Counters}. */
final class Counts {
  long leaderChanges;
  long proposalsApplied;
  long proposalsFailed;
  long readsServed;
  long leasesExpired;
  long snapshotsTaken;
  long snapshotsInstalled;
}
