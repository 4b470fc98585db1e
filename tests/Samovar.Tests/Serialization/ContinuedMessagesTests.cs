using System.Buffers;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

/// <summary>Messages that continue another one, which carried a part of a closure that they refer to.</summary>
public abstract class ContinuedMessagesTests : ShippingTests
{
    private protected ContinuedMessagesTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Variables_that_the_first_message_left_out_come_with_the_one_that_reads_them()
    {
        string[] names = ["a", "b"];
        double[] weights = [0.5, 1.5];
        int factor = 7;
        using var stream = new MemoryStream();
        Func<int> work = () => names.Length;
        Func<bool> neighbour = () => stream.CanRead;
        neighbour().ShouldBeTrue();

        Func<double> sumHere = () => weights.Sum();
        Func<int, int> multiplyHere = n => n * factor;
        var holderHere = new Holder(() => weights[1] + factor);

        var (sent, (sum, multiply, holder)) = Continue(work, (sumHere, multiplyHere, holderHere));

        sent().ShouldBe(2);
        sum().ShouldBe(2);
        multiply(3).ShouldBe(21);
        holder.Work().ShouldBe(8.5);
        FieldOf(sum, nameof(stream)).ShouldBeNull();
    }

    [ThreadFact]
    public void Variables_of_an_enclosing_block_come_with_the_message_that_reads_them()
    {
        string[] names = ["a", "b"];
        double[] weights = [0.5, 1.5, 2.5];
        Func<int> work = () => names.Length;
        var jobs = new List<Func<double>>();
        for (int i = 0; i < 3; i++)
        {
            int inner = i;
            jobs.Add(() => weights[inner] + inner);
        }

        Continue(work, jobs).Message.ConvertAll(job => job()).ShouldBe([0.5, 2.5, 4.5]);
    }

    [ThreadFact]
    public void A_closure_referred_to_as_an_object_comes_whole()
    {
        string[] names = ["a", "b"];
        int factor = 7;
        Func<int> work = () => names.Length;
        Func<int> other = () => factor;
        other.Target.ShouldBeSameAs(work.Target);

        object closure = Continue(work, work.Target!).Message;
        closure.GetType().GetField(nameof(factor))!.GetValue(closure).ShouldBe(7);
        closure.GetType().GetField(nameof(names))!.GetValue(closure).ShouldBe(names);
    }

    [ThreadFact]
    public void A_closure_of_which_enough_was_sent_is_the_same_object()
    {
        string[] names = ["a", "b"];
        int counter = 1, factor = 7;
        Func<int> work = () => names.Length + counter;
        Func<int> other = () => factor;
        other().ShouldBe(7);

        Func<int> stepHere = () => counter++;
        var (sent, (step, same)) = Continue(work, (stepHere, work));
        step();
        sent().ShouldBe(4);
        same.ShouldBeSameAs(sent);
    }

    [ThreadFact]
    public void All_holders_in_a_message_share_a_closure_of_which_one_needs_more()
    {
        string[] names = ["a", "b"];
        int counter = 1, factor = 7;
        Func<int> work = () => names.Length + counter;

        Func<int> stepHere = () => counter++;
        Func<int> multiplyHere = () => counter * factor;
        Func<int> lookHere = () => counter;
        Func<string[]> giveHere = () => names;
        var (sent, (step, multiply, look, give)) = Continue(work, (stepHere, multiplyHere, lookHere, giveHere));
        step();
        multiply().ShouldBe(14);
        look().ShouldBe(2);
        sent().ShouldBe(3); // it keeps its own
        give().ShouldBeSameAs(FieldOf(sent, nameof(names))); // objects that came whole are not sent again
    }

    private (TWork Work, TMessage Message) Continue<TWork, TMessage>(TWork work, TMessage message)
        where TWork : Delegate
    {
        var writer = new ShippingWriter(Options);
        using var first = writer.Prepare<Delegate>(work);
        byte[] firstBytes = first.ToArray();
        var known = first.TakeIdentities(all: true);
        using var second = writer.PrepareContinued(message, connector: null, known);

        var reader = new ShippingReader(Options);
        var definitions = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(0, writer.DefinitionCount, definitions);
        reader.ReadDefinitions(definitions.WrittenSpan);
        _ = reader.Read<Delegate>(firstBytes, connector: null, [], KeptObjects.All, out var objects);
        return ((TWork)objects[0], reader.Read<TMessage>(second.ToArray(), connector: null, objects, KeptObjects.None, out _));
    }

    private static object? FieldOf(Delegate copy, string name) => copy.Target!.GetType().GetField(name)!.GetValue(copy.Target);

    private sealed record Holder(Func<double> Work);
}

public sealed class CompiledContinuedMessages() : ContinuedMessagesTests(PlanCompilation.AtOnce);

public sealed class ReflectedContinuedMessages() : ContinuedMessagesTests(PlanCompilation.Never);
