/**
 * The core, tested: what it can do, each with the test that fails when it does not.
 *
 * <p>{@link io.balsa.raft.Core} drives one member by hand, {@link io.balsa.raft.Group} several;
 * {@link io.balsa.raft.FaultyClusterTest} lets chance do it. The rules of the paper and the thesis
 * are walked in their own order by {@code io.balsa.raft.paper}.
 *
 * <p>The table follows what the project is measured against: its capabilities (a), the points that
 * are easily got wrong (b), and the faults that no dialogue of the reference notices, with those
 * that some do (b2). Tests without a package are here or in {@code io.balsa}, others below it;
 * {@link io.balsa.raft.CapabilityTableTest} keeps the names true.
 *
 * <p>Below it stand the mutants that survive all tests (PIT, see the README), each with the reason.
 *
 * <table>
 * <caption>Capability and test</caption>
 * <tr><th colspan="2">a. Core state machine</th></tr>
 * <tr><td>deterministic core: no clock, thread or IO, and chance only from outside</td><td>{@code RawNodeTest#sameInputsAndTheSameChanceGiveTheSameOutputs}, {@code LayeringTest#thePurePackagesHaveNoClockThreadOrRandomnessOfTheirOwn}</td></tr>
 * <tr><td>election: timeout drawn from [E, 2E), own vote, all voters asked, quorum wins or refuses</td><td>{@code VoteTest#timeoutIsDrawnAnewFromOneToAlmostTwoIntervals}, {@code paper.ElectionTest#followerThatHearsNothingRaisesItsTermVotesForItselfAndAsksAllOthers}, {@code VoteTest#quorumOfVotesWinsAndAQuorumOfRefusalsLoses}, {@code VoteTest#candidatesFollowALeaderOfTheirTermAndTakeWhatItSends}, {@code VoteTest#votersOfBothHalvesAreAskedAndNoLearners}, {@code VoteTest#bothHalvesMustGrant}</td></tr>
 * <tr><td>terms: a higher one is entered, a lower one is ignored</td><td>{@code VoteTest#leaderOfAHigherTermIsFollowedByEveryRole}, {@code VoteTest#campaignOfAHigherTermLeavesNoLeader}, {@code VoteTest#messagesOfAnOlderTermChangeNothing}</td></tr>
 * <tr><td>empty entry of a new leader, outside of the uncommitted limit</td><td>{@code paper.ReadTest#newLeaderBeginsItsTermWithAnEmptyEntry}, {@code FlowControlTest#emptyEntryOfANewLeaderTakesNothingOfTheLimit}</td></tr>
 * <tr><td>PreVote</td><td>{@code VoteTest#preVoteChangesNobodysTermOrVote}, {@code VoteTest#grantedPreVotesRaiseTheTermOnlyTogether}, {@code VoteTest#lostPreVoteMakesAFollowerAgainInTheSameTerm}</td></tr>
 * <tr><td>CheckQuorum</td><td>{@code VoteTest#leaderStaysOnlyWhileBothHalvesAreHeardOf}, {@code RaftObserverTest#leaderThatIsForgottenOrLosesItsQuorumIsTold}</td></tr>
 * <tr><td>lease: campaigns are ignored while a leader is heard</td><td>{@code VoteTest#campaignIsIgnoredWhileALeaderIsHeardUnlessTheLeaderAskedForIt}, {@code VoteTest#preVoteIsIgnoredWhileALeaderIsHeard}</td></tr>
 * <tr><td>heartbeats, what they carry and what their answers set going</td><td>{@code LogTest#heartbeatTellsNoCommitIndexBeyondWhatThePeerHas}, {@code FlowControlTest#probeSendsOneAppendUntilItIsAnsweredOrAHeartbeatIs}, {@code FlowControlTest#probeOfAPeerThatHasEverythingIsAnEmptyAppendAfterAHeartbeat}, {@code ReadIndexTest#laterAnswerConfirmsAllEarlierReadsInOrder}</td></tr>
 * <tr><td>leadership transfer</td><td>{@code TransferTest#targetThatIsBehindIsSentTheRestAtOnceAndAskedWhenItHasIt}, {@code TransferTest#leaderTakesProposalsAgainWhenTheTransferTookTooLong}, {@code TransferTest#followerHandsARequestForATransferOnToTheLeader}, {@code TransferTest#learnersStrangersAndTheLeaderItselfAreNoTargets}, {@code TransferTest#anotherTargetTakesThePlaceOfTheFirstAndTheSameOneDoesNotBeginAnew}, {@code ConfChangeTest#transferToAVoterThatLeavesIsGivenUp}</td></tr>
 * <tr><td>ForgetLeader</td><td>{@code VoteTest#forgottenLeaderLeavesTheElectionTimeoutAsItIs}, {@code VoteTest#forgettingTheLeaderMeansNothingToTheLeaderItself}, {@code ReadIndexTest#followerForgetsItsLeaderExceptWhereLeasesRelyOnIt}</td></tr>
 * <tr><td>StepDownOnRemoval, on and off</td><td>{@code ConfChangeTest#removedOrDemotedLeaderStepsDownWhereThatIsWanted}, {@code ConfChangeTest#removedLeaderGoesOnButCountsNotItselfAndTakesNoProposals}</td></tr>
 * <tr><td>learners: the log, no quorum, no campaign, but a vote</td><td>{@code FlowControlTest#learnersHaveEntriesButDoNotCommitThem}, {@code VoteTest#learnersVoteWhenAskedAndNeverCampaign}</td></tr>
 * <tr><th colspan="2">a. Log replication</th></tr>
 * <tr><td>append and conflict</td><td>{@code LogTest#appendIsTakenOnlyBehindAnEntryThatAgrees}, {@code LogTest#conflictReplacesFromTheFirstEntryThatDiffers}, {@code LogTest#committedEntryIsNeverReplaced}, {@code LogTest#appendCommitsAtMostToItsOwnLastEntry}</td></tr>
 * <tr><td>commit rule</td><td>{@code LogTest#bothHalvesOfAJointConfigurationCommit}, {@code LogTest#entryOfAnOlderTermIsCommittedByALaterOneOnly}, {@code LogTest#commitIndexNeverMovesBack}</td></tr>
 * <tr><td>probe state</td><td>{@code FlowControlTest#probeSendsOneAppendUntilItIsAnsweredOrAHeartbeatIs}, {@code FlowControlTest#rejectionOfAnythingButTheProbeChangesNothing}</td></tr>
 * <tr><td>replicate state</td><td>{@code FlowControlTest#rejectionEndsTheRowOfAppendsAndBeginsAProbe}, {@code FlowControlTest#staleRejectionsChangeNothing}</td></tr>
 * <tr><td>snapshot state</td><td>{@code FlowControlTest#snapshotIsSentInPlaceOfCompactedEntriesAndNothingElseUntilItIsAnswered}, {@code FlowControlTest#snapshotStateEndsByAnyAcknowledgementThatReconnects}</td></tr>
 * <tr><td>inflights by count and by bytes</td><td>{@code FlowControlTest#fullInflightsStopAppendsUntilAnAcknowledgement}, {@code FlowControlTest#bytesInFlightStopAppendsAsWell}, {@code raft.tracker.InflightsTest#ringBehavesAsAQueue}, {@code raft.tracker.InflightsTest#isFullByBytesOfWhichTheLastAppendMayOvershoot}</td></tr>
 * <tr><td>throttled peers are sent one empty append for each heartbeat answer</td><td>{@code FlowControlTest#heartbeatResponseOfAThrottledPeerAllowsOneEmptyAppend}, {@code FlowControlTest#lossOfAllThatIsInFlightHealsByTheEmptyAppendsRejection}</td></tr>
 * <tr><td>fast backtracking, by the leader and by the follower</td><td>{@code FlowControlTest#leaderSkipsItsOwnEntriesOfTermsThatThePeerCannotHave}, {@code FlowControlTest#followerSkipsItsOwnEntriesOfTermsThatTheLeaderCannotHave}</td></tr>
 * <tr><td>a new commit index is told once, where it helps</td><td>{@code FlowControlTest#peerIsToldANewCommitIndexOnceWithoutEntries}, {@code FlowControlTest#peerThatCouldNotBeToldTheCommitIndexIsToldWhenItAnswers}, {@code FlowControlTest#heartbeatThatToldLessThanTheCommitIndexIsMadeUpFor}</td></tr>
 * <tr><td>size of an append; 0 is one by one</td><td>{@code FlowControlTest#appendHoldsAsManyEntriesAsFitButAtLeastOne}, {@code FlowControlTest#entriesGoOneByOneWithoutAnySize}</td></tr>
 * <tr><td>size of what is applied, over several Readys</td><td>{@code FlowControlTest#committedEntriesAreHandedOutWithinTheLimitUntilTheyAreAcknowledged}, {@code FlowControlTest#limitOfAppliedEntriesCountsWhatEarlierReadysHandedOut}</td></tr>
 * <tr><td>size of what is uncommitted</td><td>{@code FlowControlTest#proposalsBeyondTheUncommittedLimitAreDroppedUntilEntriesAreApplied}, {@code FlowControlTest#proposalLargerThanTheUncommittedLimitIsTakenWhenNothingElseIsThere}, {@code FlowControlTest#uncommittedBytesOfOneTermDoNotCountInTheNext}</td></tr>
 * <tr><td>forwarding of proposals, on and off</td><td>{@code FlowControlTest#proposalIsForwardedToTheLeaderUnlessThatIsForbidden}</td></tr>
 * <tr><td>every reason to drop a proposal; nothing is queued</td><td>{@code FlowControlTest#proposalWithoutALeaderIsDropped}, {@code FlowControlTest#droppedProposalsAreInNoLog}, {@code TransferTest#leaderTakesProposalsAgainWhenTheTransferTookTooLong}, {@code ConfChangeTest#removedLeaderGoesOnButCountsNotItselfAndTakesNoProposals}</td></tr>
 * <tr><td>ReportUnreachable</td><td>{@code FlowControlTest#unreachablePeerIsProbed}</td></tr>
 * <tr><td>ReportSnapshot</td><td>{@code FlowControlTest#lostSnapshotIsSentAgainAfterTheNextHeartbeatResponse}, {@code FlowControlTest#deliveredSnapshotIsFollowedByAProbeBehindIt}, {@code SnapshotTest#deliveryIsReportedOfTheSnapshotThatIsUnderWayOnly}</td></tr>
 * <tr><th colspan="2">a. Storage and Ready</th></tr>
 * <tr><td>storage interface and its refusals</td><td>{@code raft.log.MemoryStorageTest#termIsKnownFromJustBeforeTheFirstEntryToTheLast}, {@code raft.log.MemoryStorageTest#entriesAreCutAtTheLimitButAtLeastOneIsGiven}, {@code SnapshotTest#snapshotThatIsNotToBeHadYetIsAskedForAgain}</td></tr>
 * <tr><td>storage in memory</td><td>{@code raft.log.MemoryStorageTest#anyOrderOfAppendsAndCompactionsKeepsTheSameEntriesAsAPlainList}, {@code raft.log.MemoryStorageTest#newestSnapshotIsKept}</td></tr>
 * <tr><td>unstable log, with what is handed out and what is not</td><td>{@code AsyncStorageTest#entriesThatReplaceOnesUnderWayAreHandedOutAgain}, {@code AsyncStorageTest#acknowledgementOfAReplacedEntryInTheSameTermMarksNothingStable}</td></tr>
 * <tr><td>Ready: everything, once</td><td>{@code RawNodeTest#readyHoldsEverythingOnceAndTakingItAcceptsIt}, {@code RawNodeTest#readyHoldsOnlyWhatChanged}</td></tr>
 * <tr><td>MustSync</td><td>{@code AsyncStorageTest#commitIndexAloneNeedsNoSyncButTermVoteEntriesAndSnapshotDo}, {@code AsyncStorageTest#changeOfTheVoteAloneNeedsASync}, {@code RawNodeTest#syncIsAskedForWhenTheVoteAloneChanges}</td></tr>
 * <tr><td>Advance: one Ready at a time</td><td>{@code RawNodeTest#advanceAcknowledgesWhatTheReadyHeldAndNotBefore}, {@code AsyncStorageTest#plainContractHandsOutOneReadyAtATime}</td></tr>
 * <tr><td>asynchronous storage writes</td><td>{@code AsyncStorageTest#appendsLeaveAtOnceWhileTheOwnCopyCountsOnlyWhenItIsDurable}, {@code AsyncStorageTest#onlyDurableEntriesAreApplied}, {@code AsyncStorageTest#advanceIsForThePlainContractOnly}, {@code FaultyClusterTest#noFaultBreaksSafetyAndTheClusterHealsAfterwards}</td></tr>
 * <tr><td>ids of the storage threads, and 0, are nobody else's</td><td>{@code RaftConfigTest#reservedIdsAreRefused}</td></tr>
 * <tr><td>snapshots, taken</td><td>{@code SnapshotTest#snapshotThatIsNotBeyondTheCommitIndexIsIgnored}, {@code SnapshotTest#snapshotFromBeforeTheLogDoesNotTakeTheLogBack}, {@code SnapshotTest#snapshotThatTheLogHoldsMovesTheCommitIndexAndKeepsTheLog}, {@code SnapshotTest#snapshotReplacesALogThatDiffers}, {@code SnapshotTest#snapshotIsTakenByAnyMemberThatItNames}, {@code SnapshotTest#snapshotThatDoesNotNameTheMemberChangesNothing}</td></tr>
 * <tr><td>snapshots, sent</td><td>{@code FlowControlTest#snapshotIsSentInPlaceOfCompactedEntriesAndNothingElseUntilItIsAnswered}, {@code FlowControlTest#inactivePeerGetsNoSnapshotUntilItIsHeardOf}, {@code SnapshotTest#snapshotThatIsNotToBeHadYetIsAskedForAgain}</td></tr>
 * <tr><td>Bootstrap, and beginnings without it</td><td>{@code RawNodeTest#foundersFormAClusterByTheirFirstEntries}, {@code ConfChangeTest#foundersBeginWithOneCommittedEntryEach}, {@code RawNodeTest#clusterBeginsFromAStorageThatHoldsOnlyTheConfiguration}, {@code RawNodeTest#memberStartsAgainBehindASnapshotWithWhatFollowsIt}</td></tr>
 * <tr><td>restart from the storage alone</td><td>{@code RawNodeTest#memberStartsAgainFromItsStorageAlone}, {@code RawNodeTest#appliedEntriesDoNotComeAgain}</td></tr>
 * <tr><td>options that cannot be are refused</td><td>{@code RaftConfigTest#impossibleCombinationsAreRefusedWithValuesAndRule}</td></tr>
 * <tr><th colspan="2">a. Configuration changes</th></tr>
 * <tr><td>changes of the first and the second form</td><td>{@code ConfChangeTest#firstFormHasOneOperationAndItsOwnEntryType}, {@code raft.message.ConfChangeTest#readsBackWhatItWrote}</td></tr>
 * <tr><td>joint consensus: both halves elect and commit</td><td>{@code VoteTest#bothHalvesMustGrant}, {@code VoteTest#refusalOfOneHalfLosesTheElection}, {@code LogTest#bothHalvesOfAJointConfigurationCommit}</td></tr>
 * <tr><td>transitions auto, implicit, explicit</td><td>{@code ConfChangeTest#transitionDecidesHowAChangePassesThroughTheJointConfiguration}</td></tr>
 * <tr><td>the leader leaves a joint configuration by itself, and tries again</td><td>{@code ConfChangeTest#autoLeaveIsRetriedByTheNextLeader}, {@code ConfChangeTest#autoLeaveIsRetriedAfterATransferThatFailed}</td></tr>
 * <tr><td>simple changes move one voter at most</td><td>{@code raft.confchange.ChangerTest#restoredConfigurationIsTheOneThatWasStoredWhateverLedToIt}, {@code ConfChangeTest#simpleChangeOfMoreThanOneVoterIsRefused}</td></tr>
 * <tr><td>demotion waits for the end of the joint configuration</td><td>{@code ConfChangeTest#demotedVoterBecomesLearnerWhenTheJointConfigurationIsLeft}</td></tr>
 * <tr><td>a restored configuration equals what was stored</td><td>{@code raft.confchange.ChangerTest#restoredConfigurationIsTheOneThatWasStoredWhateverLedToIt}, {@code ConfChangeTest#storedConfigurationThatNoChangesLeadToIsRefused}</td></tr>
 * <tr><td>proposed changes are checked; the switch</td><td>{@code ConfChangeTest#secondChangeIsReplacedWhileTheFirstIsNotApplied}, {@code ConfChangeTest#jointConfigurationMustBeLeftBeforeAnotherChange}, {@code ConfChangeTest#changeThatCouldNotBeAppliedIsReplaced}, {@code ConfChangeTest#validationThatIsSwitchedOffTakesEverythingButWhatNobodyCanRead}</td></tr>
 * <tr><td>changes take effect when they are applied</td><td>{@code ConfChangeTest#changeTakesEffectWhenItIsAppliedNotWhenItIsAppended}, {@code ConfChangeTest#operationThatTheApplicationCancelsOrThatIsAnUpdateChangesNothing}, {@code ConfChangeTest#smallerQuorumCommitsWhatItAlreadyHas}, {@code ConfChangeTest#newMemberIsProbedAtOnceAndCountsAsActive}, {@code ConfChangeTest#transferToAVoterThatLeavesIsGivenUp}</td></tr>
 * <tr><td>no campaign with unapplied changes</td><td>{@code paper.MembershipTest#memberWithUnappliedCommittedChangesDoesNotCampaign}, {@code ConfChangeTest#changeBehindMoreEntriesThanAreLookedAtTogetherStopsACampaignAsWell}</td></tr>
 * <tr><th colspan="2">a. Reads, status, embedding</th></tr>
 * <tr><td>ReadIndex, safe</td><td>{@code ReadIndexTest#readIsAnsweredWithTheCommitIndexAfterAQuorumAnsweredALaterHeartbeat}, {@code ReadIndexTest#laterAnswerConfirmsAllEarlierReadsInOrder}, {@code ReadIndexTest#bothHalvesOfAJointConfigurationMustConfirm}</td></tr>
 * <tr><td>ReadIndex by lease</td><td>{@code ReadIndexTest#leaseAnswersAtOnce}, {@code raft.paper.ReadTest#transferEndsTheLease}</td></tr>
 * <tr><td>ReadIndex, forwarded</td><td>{@code ReadIndexTest#followersReadGoesToTheLeaderAndComesBackAsItsOwn}, {@code ReadIndexTest#readWithoutALeaderIsLost}</td></tr>
 * <tr><td>ReadIndex of the only voter</td><td>{@code ReadIndexTest#onlyVoterAnswersAtOnceButNotBeforeItKnowsItsCommitIndex}</td></tr>
 * <tr><td>ReadIndex, early</td><td>{@code ReadIndexTest#readWaitsUntilTheLeaderHasCommittedInItsOwnTerm}</td></tr>
 * <tr><td>Status</td><td>{@code RawNodeTest#statusIsAPictureThatChangesNoMore}, {@code DescriptionTest#statusTellsTheMemberAndWhatTheLeaderKnowsOfEachPeer}</td></tr>
 * <tr><td>Node: a core with its inputs, disk and peers around it, which is the engine</td><td>{@code engine.EngineTest#anyMemberTakesWritesAndReads}, {@code engine.RaftLoopTest#gathersOneAppendFromAllThatComesWhileTheDiskIsBusy}</td></tr>
 * <tr><td>RawNode: what must not be fed in is refused</td><td>{@code RawNodeTest#responsesOfStrangersAreRefusedAndChangeNothing}, {@code RawNodeTest#messagesOfTheStorageThreadsAreRefusedFromAnyoneElse}</td></tr>
 * <tr><td>tracing: every change of state is told</td><td>{@code FaultyClusterTest#noFaultBreaksSafetyAndTheClusterHealsAfterwards}, {@code RaftObserverTest#electionIsToldFromTheCampaignToTheFirstCommit}, {@code RaftObserverTest#everyStateOfAPeerIsTold}, {@code RaftObserverTest#transferIsToldFromItsBeginToWhateverEndsIt}, {@code RaftObserverTest#readRoundsAreToldAndReadsThatAreLostWithTheLeadership}</td></tr>
 * <tr><td>descriptions of every value</td><td>{@code DescriptionTest#everyValueIsToldInOneLineWithoutTheDataOfUsers}, {@code DescriptionTest#everyKindOfMessageIsThere}</td></tr>
 * <tr><td>logger: the observer, told also what has no effect</td><td>{@code RaftObserverTest#readWithoutALeaderIsTold}, {@code RaftObserverTest#droppedProposalsAreToldWithTheReasonAndHowMany}</td></tr>
 * <tr><td>wire format</td><td>{@code wire.WireTest#bringsBackEveryKindOfMessage}</td></tr>
 * <tr><td>a suite of its own: dialogues, and members under random faults</td><td>{@code FaultyClusterTest#noFaultBreaksSafetyAndTheClusterHealsAfterwards}</td></tr>
 * <tr><th colspan="2">b. Safety points</th></tr>
 * <tr><td>1. only entries of the own term are committed by counting</td><td>{@code LogTest#entryOfAnOlderTermIsCommittedByALaterOneOnly}</td></tr>
 * <tr><td>2. the own append and the own vote count when they are durable</td><td>{@code AsyncStorageTest#appendsLeaveAtOnceWhileTheOwnCopyCountsOnlyWhenItIsDurable}, {@code AsyncStorageTest#othersMayCommitAnEntryBeforeTheLeadersOwnDisk}, {@code AsyncStorageTest#ownVoteCountsOnlyWhenItIsDurable}</td></tr>
 * <tr><td>3. votes, acknowledgements and rejections wait for everything unstable, nothing else does</td><td>{@code AsyncStorageTest#votesAndAcknowledgementsLeaveAsResponsesOfTheBatchTheyDependOn}, {@code AsyncStorageTest#repeatedAppendIsAcknowledgedBehindTheBatchThatStoresIt}, {@code AsyncStorageTest#rejectionsWaitAsWell}</td></tr>
 * <tr><td>4. an old acknowledgement marks nothing stable, a later one makes up for it</td><td>{@code AsyncStorageTest#acknowledgementOfAnOlderTermMarksNoEntriesStable}, {@code AsyncStorageTest#acknowledgementOfAReplacedEntryInTheSameTermMarksNothingStable}, {@code AsyncStorageTest#acknowledgementThatWasIgnoredIsMadeUpForByALaterOneWithoutEntries}, {@code AsyncStorageTest#snapshotIsStableThoughTheTermHasChanged}</td></tr>
 * <tr><td>5. what replaces entries under way is handed out; what is stable is not again</td><td>{@code AsyncStorageTest#entriesThatReplaceOnesUnderWayAreHandedOutAgain}, {@code AsyncStorageTest#entriesThatBecameStableAreNotHandedOutAgain}</td></tr>
 * <tr><td>6. only stable entries are applied with asynchronous writes, all with the plain contract</td><td>{@code AsyncStorageTest#onlyDurableEntriesAreApplied}, {@code RawNodeTest#readyHoldsEverythingOnceAndTakingItAcceptsIt}</td></tr>
 * <tr><td>7. nothing is applied beside a snapshot that is not stored, nor a campaign begun</td><td>{@code AsyncStorageTest#nothingIsAppliedBesideASnapshotThatIsNotDurable}, {@code SnapshotTest#nothingCommittedIsHandedOutBesideASnapshot}, {@code AsyncStorageTest#memberWithASnapshotUnderWayDoesNotCampaign}</td></tr>
 * <tr><td>8. changes take effect when applied, one at a time</td><td>{@code ConfChangeTest#secondChangeIsReplacedWhileTheFirstIsNotApplied}, {@code ConfChangeTest#newLeaderWaitsUntilAllItInheritedIsApplied}, {@code paper.MembershipTest#memberWithUnappliedCommittedChangesDoesNotCampaign}</td></tr>
 * <tr><td>9. terms of pre-votes</td><td>{@code VoteTest#preVoteChangesNobodysTermOrVote}, {@code VoteTest#preVoteOfALogThatIsBehindIsRefusedWithTheOwnTerm}, {@code VoteTest#refusedPreCandidateCatchesUpWithTheTermOfTheRefusal}, {@code VoteTest#grantedPreVotesRaiseTheTermOnlyTogether}</td></tr>
 * <tr><td>10. messages of an older term are answered where votes may be ignored</td><td>{@code VoteTest#messagesOfAnOlderLeaderAreAnsweredWhereVotesMayBeIgnored}, {@code VoteTest#preVoteOfAnOlderTermIsRefusedWithTheOwnTermWhateverIsChosen}</td></tr>
 * <tr><td>11. a pre-candidate forgets its leader</td><td>{@code VoteTest#preVoteChangesNobodysTermOrVote}, {@code VoteTest#preCandidatesThatKnewALeaderDoNotRefuseEachOtherForEver}</td></tr>
 * <tr><td>12. no vote where a leader of the term is known</td><td>{@code VoteTest#memberThatKnowsALeaderOfTheTermDoesNotVoteInIt}</td></tr>
 * <tr><td>13. learners vote when asked</td><td>{@code VoteTest#learnersVoteWhenAskedAndNeverCampaign}, {@code ConfChangeTest#learnersAndStrangersDoNotCampaignButVote}</td></tr>
 * <tr><td>14. heartbeats tell no commit index beyond the match</td><td>{@code LogTest#heartbeatTellsNoCommitIndexBeyondWhatThePeerHas}</td></tr>
 * <tr><td>15. an append commits at most to its own last entry</td><td>{@code LogTest#appendCommitsAtMostToItsOwnLastEntry}</td></tr>
 * <tr><td>16. only a conflict truncates</td><td>{@code LogTest#lateAppendCutsNothingOff}</td></tr>
 * <tr><td>17. a read needs a commit in the own term and a heartbeat from after it</td><td>{@code ReadIndexTest#readWaitsUntilTheLeaderHasCommittedInItsOwnTerm}, {@code ReadIndexTest#answerToAnEarlierHeartbeatConfirmsNothing}</td></tr>
 * <tr><td>18. lease-based reads need CheckQuorum and followers that do not forget</td><td>{@code RaftConfigTest#impossibleCombinationsAreRefusedWithValuesAndRule}, {@code ReadIndexTest#followerForgetsItsLeaderExceptWhereLeasesRelyOnIt}</td></tr>
 * <tr><td>19. CheckQuorum counts voters of both halves; new peers begin active</td><td>{@code VoteTest#learnersDoNotKeepALeaderInOffice}, {@code VoteTest#leaderStaysOnlyWhileBothHalvesAreHeardOf}, {@code ConfChangeTest#newMemberIsProbedAtOnceAndCountsAsActive}</td></tr>
 * <tr><td>20. a removed leader does not count itself</td><td>{@code ConfChangeTest#removedLeaderGoesOnButCountsNotItselfAndTakesNoProposals}, {@code ReadIndexTest#leaderThatIsNoMemberDoesNotAnswerForTheOnlyVoter}</td></tr>
 * <tr><td>21. a joint configuration is left after any later apply, by any leader</td><td>{@code ConfChangeTest#autoLeaveIsRetriedByTheNextLeader}, {@code ConfChangeTest#autoLeaveIsRetriedAfterATransferThatFailed}</td></tr>
 * <tr><td>22. snapshot state ends by any acknowledgement that reconnects</td><td>{@code FlowControlTest#snapshotStateEndsByAnyAcknowledgementThatReconnects}, {@code SnapshotTest#acknowledgementThatDoesNotReachTheLogLeavesThePeerInSnapshotState}</td></tr>
 * <tr><td>23. stale rejections and acknowledgements</td><td>{@code FlowControlTest#staleRejectionsChangeNothing}, {@code FlowControlTest#rejectionOfAnythingButTheProbeChangesNothing}</td></tr>
 * <tr><td>24. bytes in flight are forgotten with their count</td><td>{@code FlowControlTest#bytesInFlightAreForgottenWhenTheStateChanges}, {@code raft.tracker.InflightsTest#resetForgetsCountAndBytes}</td></tr>
 * <tr><td>25. responses of strangers are refused</td><td>{@code RawNodeTest#responsesOfStrangersAreRefusedAndChangeNothing}</td></tr>
 * <tr><td>26. order on disk; applied may be over the stored commit index</td><td>{@code ConfChangeTest#commitIndexThatACrashLostIsNotBehindWhatWasApplied}, {@code RawNodeTest#storedCommitIndexBehindTheSnapshotIsNoReasonNotToStart}, {@code engine.RaftLoopTest#asksForVotesOnlyWhenItsOwnVoteIsDurable}, {@code storage.CrashTest#losesNothingAcknowledgedWhenThePowerGoesAtAnyCall}</td></tr>
 * <tr><td>27. limits let one entry, an empty entry and the end of a joint configuration through</td><td>{@code FlowControlTest#appendHoldsAsManyEntriesAsFitButAtLeastOne}, {@code FlowControlTest#proposalLargerThanTheUncommittedLimitIsTakenWhenNothingElseIsThere}, {@code FlowControlTest#emptyEntryOfANewLeaderTakesNothingOfTheLimit}, {@code ConfChangeTest#jointConfigurationIsLeftThoughTheUncommittedLimitIsReached}</td></tr>
 * <tr><td>28. nobody changes what was handed over</td><td>{@code RawNodeTest#listsThatWereHandedOverAreNobodysToChange}</td></tr>
 * <tr><th colspan="2">b2. Faults that the given dialogues do not notice, and the others</th></tr>
 * <tr><td>commits an entry of an older term by counting</td><td>{@code LogTest#entryOfAnOlderTermIsCommittedByALaterOneOnly}</td></tr>
 * <tr><td>takes an acknowledgement of a lower term</td><td>{@code AsyncStorageTest#acknowledgementOfAnOlderTermMarksNoEntriesStable}</td></tr>
 * <tr><td>does not compare the term of what became stable</td><td>{@code AsyncStorageTest#acknowledgementOfAReplacedEntryInTheSameTermMarksNothingStable}</td></tr>
 * <tr><td>truncates with every append</td><td>{@code LogTest#lateAppendCutsNothingOff}</td></tr>
 * <tr><td>does not hand out what replaces entries under way</td><td>{@code AsyncStorageTest#entriesThatReplaceOnesUnderWayAreHandedOutAgain}</td></tr>
 * <tr><td>applies entries that are not stable</td><td>{@code AsyncStorageTest#onlyDurableEntriesAreApplied}</td></tr>
 * <tr><td>votes twice in a term</td><td>{@code VoteTest#memberVotesForOneCandidateInATermAlsoAfterARestart}</td></tr>
 * <tr><td>votes though it knows a leader</td><td>{@code VoteTest#memberThatKnowsALeaderOfTheTermDoesNotVoteInIt}</td></tr>
 * <tr><td>does not answer a pre-vote of a lower term</td><td>{@code VoteTest#preVoteOfAnOlderTermIsRefusedWithTheOwnTermWhateverIsChosen}</td></tr>
 * <tr><td>campaigns with unapplied changes</td><td>{@code paper.MembershipTest#memberWithUnappliedCommittedChangesDoesNotCampaign}</td></tr>
 * <tr><td>campaigns with a snapshot under way</td><td>{@code AsyncStorageTest#memberWithASnapshotUnderWayDoesNotCampaign}</td></tr>
 * <tr><td>takes nothing inherited for a pending change</td><td>{@code ConfChangeTest#newLeaderWaitsUntilAllItInheritedIsApplied}</td></tr>
 * <tr><td>commits beyond the last entry of an append</td><td>{@code LogTest#appendCommitsAtMostToItsOwnLastEntry}</td></tr>
 * <tr><td>answers a read before a commit in its own term</td><td>{@code ReadIndexTest#readWaitsUntilTheLeaderHasCommittedInItsOwnTerm}</td></tr>
 * <tr><td>takes proposals during a transfer</td><td>{@code TransferTest#leaderTakesProposalsAgainWhenTheTransferTookTooLong}</td></tr>
 * <tr><td>never gives a transfer up</td><td>{@code TransferTest#leaderTakesProposalsAgainWhenTheTransferTookTooLong}</td></tr>
 * <tr><td>counts learners for CheckQuorum</td><td>{@code VoteTest#learnersDoNotKeepALeaderInOffice}</td></tr>
 * <tr><td>begins with an inactive new peer</td><td>{@code ConfChangeTest#newMemberIsProbedAtOnceAndCountsAsActive}</td></tr>
 * <tr><td>replaces a log by a snapshot that it holds</td><td>{@code SnapshotTest#snapshotThatTheLogHoldsMovesTheCommitIndexAndKeepsTheLog}</td></tr>
 * <tr><td>takes a snapshot that does not name it</td><td>{@code SnapshotTest#snapshotThatDoesNotNameTheMemberChangesNothing}</td></tr>
 * <tr><td>sends a snapshot to an inactive peer</td><td>{@code FlowControlTest#inactivePeerGetsNoSnapshotUntilItIsHeardOf}</td></tr>
 * <tr><td>asks for no sync when the vote changes</td><td>{@code AsyncStorageTest#changeOfTheVoteAloneNeedsASync}</td></tr>
 * <tr><td>does not limit what is uncommitted</td><td>{@code FlowControlTest#proposalsBeyondTheUncommittedLimitAreDroppedUntilEntriesAreApplied}</td></tr>
 * <tr><td>keeps bytes in flight over a change of state</td><td>{@code FlowControlTest#bytesInFlightAreForgottenWhenTheStateChanges}</td></tr>
 * <tr><td>refuses to vote as a learner</td><td>{@code VoteTest#learnersVoteWhenAskedAndNeverCampaign}</td></tr>
 * <tr><td>checks no configuration change</td><td>{@code ConfChangeTest#secondChangeIsReplacedWhileTheFirstIsNotApplied}</td></tr>
 * <tr><td>acknowledges before the disk has it</td><td>{@code AsyncStorageTest#votesAndAcknowledgementsLeaveAsResponsesOfTheBatchTheyDependOn}</td></tr>
 * <tr><td>votes before the disk has it</td><td>{@code AsyncStorageTest#votesAndAcknowledgementsLeaveAsResponsesOfTheBatchTheyDependOn}</td></tr>
 * <tr><td>names the wrong term in the answer to a pre-vote</td><td>{@code VoteTest#preVoteChangesNobodysTermOrVote}, {@code VoteTest#preVoteOfALogThatIsBehindIsRefusedWithTheOwnTerm}</td></tr>
 * <tr><td>ignores the lease</td><td>{@code VoteTest#campaignIsIgnoredWhileALeaderIsHeardUnlessTheLeaderAskedForIt}</td></tr>
 * <tr><td>tells any commit index in a heartbeat</td><td>{@code LogTest#heartbeatTellsNoCommitIndexBeyondWhatThePeerHas}</td></tr>
 * <tr><td>applies entries beside a snapshot</td><td>{@code AsyncStorageTest#nothingIsAppliedBesideASnapshotThatIsNotDurable}</td></tr>
 * <tr><td>gives or takes no term hints</td><td>{@code FlowControlTest#followerSkipsItsOwnEntriesOfTermsThatTheLeaderCannotHave}, {@code FlowControlTest#leaderSkipsItsOwnEntriesOfTermsThatThePeerCannotHave}</td></tr>
 * <tr><td>sends entries though the inflights are full</td><td>{@code FlowControlTest#fullInflightsStopAppendsUntilAnAcknowledgement}, {@code FlowControlTest#heartbeatResponseOfAThrottledPeerAllowsOneEmptyAppend}</td></tr>
 * <tr><td>never leaves a joint configuration by itself</td><td>{@code ConfChangeTest#autoLeaveIsRetriedByTheNextLeader}</td></tr>
 * <tr><td>does not answer an append of a lower term</td><td>{@code VoteTest#messagesOfAnOlderLeaderAreAnsweredWhereVotesMayBeIgnored}</td></tr>
 * <tr><td>compares logs by length only</td><td>{@code VoteTest#logsAreComparedByTheirLastTermAndThenByLength}</td></tr>
 * <tr><td>names no term in the acknowledgement of the disk</td><td>{@code AsyncStorageTest#acknowledgementOfAnOlderTermMarksNoEntriesStable}</td></tr>
 * </table>
 *
 * <p>Surviving mutants, and why nothing can tell each from the code:
 *
 * <ul>
 *   <li>{@code Raft.enterTermOf}: {@code message.term() < term} also where they are equal: equal
 *       terms have been let through by the line above.
 *   <li>{@code Raft.applyConfChange}: {@code index <= restoredIndex} not where they are equal: an
 *       entry at the index of a snapshot that is restored was not committed here, or the snapshot
 *       had been refused; so it never comes to be applied.
 *   <li>{@code Raft.becomePreCandidate}: {@code role.leave()} left out: only a leader has something
 *       to leave, and a leader does not campaign. It stands there because every change of role
 *       calls it.
 *   <li>{@code Raft.becomeLeader}: its invariant left out: no sequence of inputs breaks it: it is
 *       there to stop a member whose code does.
 *   <li>{@code Leader.onHeartbeatResponse}: a read position of 0 taken for one: no round has
 *       position 0, so the answer confirms none.
 *   <li>{@code EntryQueue.makeRoom}: three boundaries between shifting and growing: either way
 *       there is room and the entries are the same; what differs is when memory is taken.
 *   <li>{@code MajorityConfig.committedIndex}: an index equal to the best so far looked at again:
 *       it gives the same result once more.
 *   <li>{@code ConfChange.encode}: another first size of the buffer: the buffer grows.
 * </ul>
 */
package io.balsa.raft;
