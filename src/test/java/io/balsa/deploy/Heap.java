package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.config.ServerConfig;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether there is room for what a member may have to keep in memory. */
final class Heap {
  private static final Pattern PERCENTAGE = Pattern.compile("MaxRAMPercentage=(\\d+)");

  private Heap() {}

  /**
   * The heap that the image takes of its memory must hold a full store and its history, and half as
   * much again for work and garbage.
   */
  static void check(long memoryBytes, ServerConfig.Limits limits) {
    Matcher percentage = PERCENTAGE.matcher(DeployFiles.text("docker/Dockerfile"));
    assertThat(percentage.find()).isTrue();
    checkHeap(memoryBytes * Long.parseLong(percentage.group(1)) / 100, limits);
  }

  /** The same for a heap of known size. */
  static void checkHeap(long heapBytes, ServerConfig.Limits limits) {
    assertThat(heapBytes)
        .as("heap for %s", limits)
        .isGreaterThanOrEqualTo((limits.quotaBytes() + limits.historyBytes()) * 3 / 2);
  }
}
