using Samovar.Tasks.Core;

namespace Samovar.Tests.Tasks.Core;

public sealed class FutureWordTests
{
    private FutureWord _word = FutureWord.Queued;

    [ThreadFact]
    public void A_new_word_is_queued_at_its_first_attempt()
    {
        _word.State.ShouldBe(FutureState.Queued);
        _word.Attempt.ShouldBe(1);
        (_word.IsFinal, _word.IsCancelRequested, _word.IsTimeoutRequested).ShouldBe((false, false, false));
    }

    [ThreadTheory]
    [InlineData(FutureState.Succeeded)]
    [InlineData(FutureState.Failed)]
    [InlineData(FutureState.Canceled)]
    public void A_claimed_outcome_can_be_finished_in_every_way_and_then_nothing_moves(FutureState final)
    {
        _word.TryStart(out int attempt).ShouldBeTrue();
        attempt.ShouldBe(1);
        _word.TryClaim(attempt).ShouldBeTrue();
        _word.State.ShouldBe(FutureState.Running, "claimed is not yet finished");
        _word.IsRunning(attempt).ShouldBeFalse();
        NothingMoves(attempt);
        _word.Finish(final);
        _word.State.ShouldBe(final);
        _word.IsFinal.ShouldBeTrue();
        NothingMoves(attempt);
    }

    [ThreadFact]
    public void Queued_goes_to_sent_and_back_and_on_to_running()
    {
        _word.TryTakeBack().ShouldBeFalse();
        _word.TrySend().ShouldBeTrue();
        _word.State.ShouldBe(FutureState.Sent);
        _word.TrySend().ShouldBeFalse();
        _word.TryTakeBack().ShouldBeTrue();
        _word.State.ShouldBe(FutureState.Queued);
        _word.TrySend().ShouldBeTrue();
        _word.TryStart(out _).ShouldBeTrue();
        _word.State.ShouldBe(FutureState.Running);
        _word.TryTakeBack().ShouldBeFalse();
        _word.TryStart(out _).ShouldBeFalse();
    }

    [ThreadFact]
    public void A_start_that_is_reported_late_starts_neither_a_later_attempt_nor_a_queued_one()
    {
        _word.TryStartSent(1).ShouldBeFalse("it waits in a queue, from which it would be sent while it counts as running");
        _word.TrySend().ShouldBeTrue();
        _word.TryStartSent(1).ShouldBeTrue();
        _word.TryStartSent(1).ShouldBeFalse("known");
        _word.TryRequeue(1).ShouldBeTrue();

        _word.TryStartSent(1).ShouldBeFalse();
        _word.TryStartSent(2).ShouldBeFalse();
        _word.State.ShouldBe(FutureState.Queued);
        _word.TrySend().ShouldBeTrue();
        _word.TryStartSent(1).ShouldBeFalse("the attempt before");
        _word.State.ShouldBe(FutureState.Sent);
        _word.TryStartSent(2).ShouldBeTrue();
    }

    [ThreadFact]
    public void What_was_sent_is_claimed_only_after_it_was_taken_back()
    {
        _word.TrySend().ShouldBeTrue();
        _word.TryClaimUnstarted().ShouldBeFalse("its worker may be starting it");
        _word.TryTakeBack().ShouldBeTrue();
        _word.TryClaimUnstarted().ShouldBeTrue();
    }

    [ThreadFact]
    public void What_has_not_started_can_be_claimed_once()
    {
        _word.TryClaimUnstarted().ShouldBeTrue();
        NothingMoves(1);
        _word.Finish(FutureState.Canceled);
        _word.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public void Only_running_work_can_be_requested_to_stop_and_only_once()
    {
        _word.TryRequestCancel().ShouldBeFalse();
        _word.TryRequestTimeout(1).ShouldBeFalse();
        _word.TryStart(out _);
        _word.TryRequestCancel().ShouldBeTrue();
        _word.TryRequestCancel().ShouldBeFalse();
        _word.TryRequestTimeout(2).ShouldBeFalse("another attempt");
        _word.TryRequestTimeout(1).ShouldBeTrue();
        _word.TryRequestTimeout(1).ShouldBeFalse();
        (_word.IsCancelRequested, _word.IsTimeoutRequested).ShouldBe((true, true));
        _word.TryRequeue(1).ShouldBeFalse("cancelled work is not repeated");
        _word.TryClaim(1).ShouldBeTrue();
    }

    [ThreadFact]
    public void The_next_attempt_starts_afresh_and_the_one_before_can_change_nothing()
    {
        _word.TryStart(out _);
        _word.TryRequestTimeout(1).ShouldBeTrue();
        _word.TryRequeue(1).ShouldBeTrue();
        (_word.State, _word.Attempt, _word.IsTimeoutRequested).ShouldBe((FutureState.Queued, 2, false));
        _word.TryStart(out int attempt).ShouldBeTrue();
        attempt.ShouldBe(2);
        _word.TryClaim(1).ShouldBeFalse();
        _word.TryRequeue(1).ShouldBeFalse();
        _word.TryRequestTimeout(1).ShouldBeFalse();
        _word.IsRunning(2).ShouldBeTrue();
    }

    [ThreadFact]
    public void The_end_and_the_one_who_awaits_it_cannot_miss_each_other()
    {
        var early = new Cell();
        early.Word.TryMarkAwaited().ShouldBeTrue();
        early.Word.TryStart(out int attempt).ShouldBeTrue();
        early.Word.TryRequeue(attempt).ShouldBeTrue();
        early.Word.Attempt.ShouldBe(2);
        early.Word.TryClaimUnstarted().ShouldBeTrue();
        early.Word.Finish(FutureState.Canceled).ShouldBeTrue();
        early.Word.State.ShouldBe(FutureState.Canceled);

        var claimed = new Cell();
        claimed.Word.TryClaimUnstarted().ShouldBeTrue();
        claimed.Word.TryMarkAwaited().ShouldBeTrue();
        claimed.Word.Finish(FutureState.Canceled).ShouldBeTrue();

        var late = new Cell();
        late.Word.TryClaimUnstarted().ShouldBeTrue();
        late.Word.Finish(FutureState.Canceled).ShouldBeFalse();
        late.Word.TryMarkAwaited().ShouldBeFalse();
        late.Word.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task Of_all_that_race_for_the_outcome_exactly_one_wins()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var cell = new Cell();
            using var together = new Barrier(2);
            var moves = new Random(seed).GetItems<Func<Cell, int>>(s_moves, 12);
            var wins = await Task.WhenAll(Play(moves[..6]), Play(moves[6..]));
            int claims = wins.Sum();
            claims.ShouldBeLessThanOrEqualTo(1, $"seed {seed}");
            cell.Word.IsFinal.ShouldBe(claims == 1, $"seed {seed}");

            Task<int> Play(Func<Cell, int>[] own) => Task.Run(() =>
            {
                together.SignalAndWait(TestTimeout.Wait);
                return own.Sum(move => move(cell));
            });
        }
    }

    private static readonly Func<Cell, int>[] s_moves =
    [
        static cell => Finish(cell, cell.Word.TryClaimUnstarted()),
        static cell => Finish(cell, cell.Word.TryClaim(cell.Word.Attempt)),
        static cell => No(cell.Word.TryStart(out _)),
        static cell => No(cell.Word.TryStartSent(cell.Word.Attempt)),
        static cell => No(cell.Word.TryRequeue(cell.Word.Attempt)),
        static cell => No(cell.Word.TrySend()),
        static cell => No(cell.Word.TryTakeBack()),
        static cell => No(cell.Word.TryRequestCancel()),
        static cell => No(cell.Word.TryRequestTimeout(cell.Word.Attempt)),
    ];

    private static int Finish(Cell cell, bool claimed)
    {
        if (claimed) cell.Word.Finish(FutureState.Succeeded);
        return claimed ? 1 : 0;
    }

    private static int No(bool _) => 0;

    private void NothingMoves(int attempt)
    {
        _word.TryStart(out _).ShouldBeFalse();
        _word.TryStartSent(attempt).ShouldBeFalse();
        _word.TrySend().ShouldBeFalse();
        _word.TryTakeBack().ShouldBeFalse();
        _word.TryClaim(attempt).ShouldBeFalse();
        _word.TryClaimUnstarted().ShouldBeFalse();
        _word.TryRequeue(attempt).ShouldBeFalse();
        _word.TryRequestCancel().ShouldBeFalse();
        _word.TryRequestTimeout(attempt).ShouldBeFalse();
    }

    private sealed class Cell
    {
        public FutureWord Word = FutureWord.Queued;
    }
}
