package io.balsa.raft.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of the format that the given files do not use, and what a broken file is told. */
class DriverTest {
  @TempDir Path folder;

  @Test
  void joinsContinuedCommandLinesWithOneBlank() throws IOException {
    Case test = only("add-nodes 1 \\\n   voters=(1)\\\n index=3\n----\nok\n");

    assertThat(test.text()).isEqualTo("add-nodes 1 voters=(1) index=3");
    assertThat(test.argument("voters").numbers()).containsExactly(1L);
    assertThat(test.argument("index").number()).isEqualTo(3);
  }

  @Test
  void splitsValuesAtTheirOuterCommas() throws IOException {
    Case test = only("any a=(1,2, 3) b=(x, (y,z)) c=() d= \"e f\" g=\"h\n----\nok\n");

    assertThat(test.arguments())
        .extracting("key")
        .containsExactly("a", "b", "c", "d", "\"e", "f\"", "g");
    assertThat(test.argument("a").values()).containsExactly("1", "2", "3");
    assertThat(test.argument("b").values()).containsExactly("x", "(y,z)");
    assertThat(test.argument("c").values()).isEmpty();
    assertThat(test.argument("d").values()).containsExactly("");
    assertThat(test.argument("g").values()).containsExactly("\"h");
  }

  @Test
  void endsAnOutputAtABlankLineOrAtTwoSeparators() throws IOException {
    List<Case> cases =
        read(
            "one\n----\na\nb\n \n# said\n\ntwo\nin\n\n put \n----\n----\nc\n\nd\n----\n----\nthree\n----\ne");

    assertThat(cases).extracting(Case::expected).containsExactly("a\nb\n", "c\n\nd\n", "e\n");
    assertThat(cases.get(1).input()).isEqualTo("in\n\n put");
  }

  @Test
  void rewritesOutputsAndNothingElse() throws IOException {
    Path file =
        write("# said\n\none\n----\na\n\ntwo\nput\n----\n----\nb\n\nc\n----\n----\n# end\n");

    DataFile.rewrite(file, DataFile.read(file), List.of("x\n\ny\n", "z\n"));

    assertThat(file)
        .hasContent("# said\n\none\n----\n----\nx\n\ny\n----\n----\n\ntwo\nput\n----\nz\n# end\n");
  }

  @Test
  void namesFileAndLineOfABrokenFile() throws IOException {
    assertThatThrownBy(() -> read("# said\nstabilize 1\n"))
        .hasMessageContaining("file.txt:2: stabilize 1: the file ends before ----");
    assertThatThrownBy(() -> read("\nany a=(1\n----\nok\n"))
        .hasMessageContaining("file.txt:2: any a=(1: a parenthesis is not closed");
    assertThatThrownBy(() -> read("any\n----\n----\nok\n----\n"))
        .hasMessageContaining("file.txt:1: any: the file ends before two ---- in a row");
  }

  @Test
  void namesFileLineAndCommandThatCannotBeCarriedOut() throws IOException {
    failsWith("campaign\n", "file.txt:5: campaign: argument 1 is missing, found 0");
    failsWith("campaign 2\n", "file.txt:5: campaign 2: node 2 is not there, found 1");
    failsWith("campaign x\n", "number expected: x");
    failsWith("add-nodes 1 speed=3\n", "unknown option: speed=3");
    failsWith("add-nodes 1 prevote=maybe\n", "boolean expected: prevote=maybe");
    failsWith("add-nodes 1 read-only=never\n", "unknown value: read-only=never");
    failsWith("deliver-msgs 1 type=MsgNone\n", "unknown type, known are [MsgProp, ");
    failsWith("propose-conf-change 1\nx3\n", "unknown operation: x3");
    failsWith("propose-conf-change 1\nvv\n", "id expected: vv");
    failsWith("propose-conf-change 1 transition=slow\n", "unknown transition: transition=slow");
    failsWith("transfer-leadership to=1\n", "argument is missing: from=");
    failsWith("compact 1 5\n", "log: entry is beyond the last: 5 > 0");
  }

  @Test
  void answersDocumentedErrors() throws IOException {
    assertThat(outputs("fly")).containsExactly("unknown command\n");
    assertThat(outputs("log-level loud"))
        .containsExactly("log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]\n");
    assertThat(outputs("add-nodes 1 voters=(1)"))
        .containsExactly("index must be specified as > 1 due to bootstrap\n");
    assertThat(outputs("add-nodes 1 content=x index=1"))
        .containsExactly("index must be specified as > 1 due to bootstrap\n");
    assertThat(outputs("add-nodes 1", "compact 1 0"))
        .endsWith("requested index is unavailable due to compaction\n");
    assertThat(outputs("add-nodes 1", "propose 1 x")).endsWith("raft proposal dropped\n");
    String v1 = "v1 conf change can only have one operation and no transition\n";
    assertThat(outputs("add-nodes 1", "propose-conf-change 1 v1=T\nv1 v2")).endsWith(v1);
    assertThat(outputs("add-nodes 1", "propose-conf-change 1 v1=1 transition=implicit\nv1"))
        .endsWith(v1);
    assertThat(outputs("add-nodes 1", "propose-conf-change 1 v1=true")).endsWith(v1);
  }

  @Test
  void quietModeKeepsOnlyTheErrorOfACommand() throws IOException {
    assertThat(
            outputs(
                "add-nodes 1 voters=(1) index=2",
                "LOG-LEVEL none",
                "log-level None",
                "raft-state",
                "fly",
                "stabilize log-level=debug",
                "raft-state",
                "log-level error",
                "stabilize log-level=none",
                "stabilize log-level=loud",
                "raft-state"))
        .containsExactly(
            "ok\n",
            "unknown command\n",
            "ok\n",
            "ok\n",
            "unknown command\n",
            "ok\n",
            "ok\n",
            "ok\n",
            "ok\n",
            "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]\n",
            "1: StateFollower (Voter) Term:0 Lead:0\n");
  }

  @Test
  void printsHeadersOnlyForSeveralNodes() throws IOException {
    assertThat(
            outputs(
                "add-nodes 2 async-storage-writes=t",
                "process-ready",
                "process-ready 2",
                "process-ready 2 1",
                "process-append-thread 1",
                "process-append-thread 1 2",
                "process-apply-thread 2 1",
                "deliver-msgs 1 drop=(2,7)",
                "raft-log 2"))
        .containsExactly(
            "ok\n",
            "ok\n",
            "<empty Ready>\n",
            "> 2 handling Ready\n  <empty Ready>\n> 1 handling Ready\n  <empty Ready>\n",
            "no append work to perform\n",
            "> 1 processing append thread\n  no append work to perform\n"
                + "> 2 processing append thread\n  no append work to perform\n",
            "> 2 processing apply thread\n  no apply work to perform\n"
                + "> 1 processing apply thread\n  no apply work to perform\n",
            "no messages\n",
            "log is empty: first index=1, last index=0\n");
  }

  @Test
  void deliversInTheOrderOfTheLine() throws IOException {
    List<String> outputs =
        outputs(
            "add-nodes 2 voters=(1,2,3) index=2",
            "campaign 1",
            "process-ready 1",
            "deliver-msgs drop=(3) 2 type=MsgVote");

    assertThat(outputs.get(3))
        .isEqualTo("dropped: 1->3 MsgVote Term:1 Log:1/2\n1->2 MsgVote Term:1 Log:1/2\n");
  }

  @Test
  void quotesDataAsTheFormatSays() {
    assertThat(quoted("foo")).isEqualTo("1/1 EntryNormal \"foo\"");
    assertThat(quoted("\"a\\b\"")).isEqualTo("1/1 EntryNormal \"\\\"a\\\\b\\\"\"");
    assertThat(quoted("\n\t\r\u0007\b\f\u000b\u0001é∞"))
        .isEqualTo("1/1 EntryNormal \"\\n\\t\\r\\a\\b\\f\\v\\x01é∞\"");
    assertThat(
            Texts.entry(new Entry(1, 1, EntryType.NORMAL, Bytes.wrap(new byte[] {-1, 'a', 127}))))
        .isEqualTo("1/1 EntryNormal \"\\xffa\\x7f\"");
  }

  @Test
  void saysThatNumbersDoNotFitTheVoters() throws IOException {
    Case votes = only("vote cfg=(3,1) votes=(y,n,_)\n----\nok\n");
    Case indexes = only("committed cfg=(3,1) cfgj=(2) idx=(12,_)\n----\nok\n");

    assertThat(new QuorumDriver().run(votes))
        .isEqualTo("error: mismatched input (explicit or _) for voters map[1:{} 3:{}]: [2 1 0]\n");
    assertThat(new QuorumDriver().run(indexes))
        .isEqualTo(
            "error: mismatched input (explicit or _) for voters map[1:{} 2:{} 3:{}]: [12 0]\n");
    assertThat(new QuorumDriver().run(only("committed cfgj=zero\n----\nok\n")))
        .isEqualTo("<empty majority quorum>∞\n");
  }

  @Test
  void comparesTheWholeFileAndShowsTheDifference() throws Throwable {
    write("add-nodes 1\n----\nok\n\nraft-log 1\n----\nlog is full\n\nfly\n----\nok\n");
    DynamicTest test = FileTests.of(folder, "", InteractionDriver::new).findFirst().orElseThrow();

    assertThat(test.getDisplayName()).isEqualTo("file.txt");
    assertThatThrownBy(() -> test.getExecutable().execute())
        .hasMessageContaining("file.txt: seed 1: other outputs in lines [5, 9]")
        .hasMessageContaining(
            "5: raft-log 1\n-log is full\n+log is empty: first index=1, last index=0\n 9: fly");
  }

  @Test
  void skipsWhereThereAreNoFiles() throws IOException {
    Stream<DynamicTest> tests = FileTests.of(folder.resolve("none"), "; look there", s -> null);

    assertThatThrownBy(() -> tests.findFirst().orElseThrow().getExecutable().execute())
        .isInstanceOf(org.opentest4j.TestAbortedException.class)
        .hasMessageContaining("no files to run in " + folder.resolve("none") + "; look there");
  }

  private static String quoted(String data) {
    return Texts.entry(new Entry(1, 1, EntryType.NORMAL, Bytes.utf8(data)));
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("file.txt"), text);
  }

  private List<Case> read(String text) throws IOException {
    return DataFile.read(write(text));
  }

  private Case only(String text) throws IOException {
    List<Case> cases = read(text);
    assertThat(cases).hasSize(1);
    return cases.get(0);
  }

  private void failsWith(String command, String message) throws IOException {
    Path file = write("add-nodes 1\n----\nok\n\n" + command + "----\nok\n");
    assertThatThrownBy(() -> new InteractionDriver(1).runAll(file, DataFile.read(file)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("file.txt:5: " + command.lines().findFirst().orElseThrow())
        .hasMessageContaining(message);
  }

  private List<String> outputs(String... commands) throws IOException {
    Path file = write(String.join("\n----\n\n", commands) + "\n----\n");
    return new InteractionDriver(1).runAll(file, DataFile.read(file));
  }
}
