using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

/// <summary>Of a closure, the variables that the lambda reads travel, and those that only other lambdas captured do not.</summary>
public abstract class ClosurePartsTests : ShippingTests
{
    private protected ClosurePartsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Variables_that_only_another_lambda_captured_stay_behind()
    {
        using var stream = new MemoryStream([1, 2]);
        var config = new Dictionary<string, int> { ["k"] = 3 };
        Func<int, int> work = n => n * config["k"];
        Func<long> neighbour = () => stream.Length;
        var copy = Ship(work);
        copy(2).ShouldBe(6);
        FieldOf(copy, nameof(stream)).ShouldBeNull();
        neighbour().ShouldBe(2);
        Refused(neighbour).MemberPath.ShouldBe("closure.stream");
    }

    [ThreadFact]
    public void A_variable_that_is_only_written_stays_behind()
    {
        using var stream = new MemoryStream([1, 2]);
        Stream last = stream;
        Func<long> work = () =>
        {
            last = new MemoryStream([7]);
            return 5;
        };
        Ship(work)().ShouldBe(5);
        Func<long> reading = () =>
        {
            last = new MemoryStream([7]);
            return last.Length;
        };
        Refused(reading).MemberPath.ShouldBe("closure.last");
        last.ShouldBeSameAs(stream);
    }

    [ThreadFact]
    public void Nested_blocks_carry_the_variables_that_are_read_of_each()
    {
        using var outerStream = new MemoryStream();
        int outer = 1;
        var all = new List<Func<int>>();
        for (int i = 0; i < 2; i++)
        {
            using var innerStream = new MemoryStream();
            int inner = i * 10;
            all.Add(() => outer + inner);
            Func<bool> neighbour = () => innerStream.CanRead && outerStream.CanRead;
            neighbour().ShouldBeTrue();
        }

        outer = 5;
        Ship(all).ConvertAll(f => f()).ShouldBe([5, 15]);
    }

    [ThreadFact]
    public async Task Code_that_the_lambda_uses_is_followed()
    {
        using var stream = new MemoryStream();
        int number = 4;
        string text = "four";
        int Local(int x) => x + number;
        IEnumerable<int> Steps()
        {
            for (int i = 0; i < number; i++) yield return i;
        }

        async IAsyncEnumerable<string> StepsAsync()
        {
            await Task.Yield();
            yield return text;
        }

        T Generic<T>(T value) => number > 0 ? value : throw new InvalidOperationException(text);
        Func<bool> neighbour = () => stream.CanRead;
        neighbour().ShouldBeTrue();

        Ship<Func<int, int>>(Local)(1).ShouldBe(5);
        Ship(() => Local(1) + Steps().Sum(n => n * number))().ShouldBe(29);
        Ship(() => Generic("a") + Generic(text))().ShouldBe("afour");
        Ship<Func<IEnumerable<int>>>(Steps)().ShouldBe([0, 1, 2, 3]);
        (await Ship(async () =>
        {
            await Task.Yield();
            return number + Local(0);
        })()).ShouldBe(8);
        (await Ship(() => StepsAsync())().FirstAsync(TestContext.Current.CancellationToken)).ShouldBe("four");
        Ship<Func<Func<string>>>(() => () => text + number)()().ShouldBe("four4");
        Expression<Func<int, bool>> Query() => n => n == number;
        Ship(() => Query().Compile()(4))().ShouldBeTrue();
    }

    [ThreadFact]
    public void Generic_closures_are_followed()
    {
        using var stream = new MemoryStream();
        Ship(Generic<string>.Make("text", 3, stream))().ShouldBe("text3String");
        Ship(Generic<int>.Make(5, "x", stream))().ShouldBe("5xInt32");
    }

    [ThreadFact]
    public void This_stays_behind_where_it_is_not_used()
    {
        var owner = new Owner(new MemoryStream());
        Ship(owner.IgnoresThis(4))().ShouldBe(8);
        Refused(owner.UsesThis(4)).Message.ShouldContain("captured 'this'");
    }

    [ThreadFact]
    public void Lambdas_over_one_closure_arrive_with_what_each_reads()
    {
        int counter = 1, step = 2;
        string name = "n";
        using var stream = new MemoryStream();
        Func<int> up = () => counter += step;
        Func<string> look = () => name + counter;
        Func<bool> neighbour = () => stream.CanRead;
        neighbour().ShouldBeTrue();

        var (first, second) = Ship((up, look));
        first().ShouldBe(3);
        second().ShouldBe("n3");
        var (third, fourth, fifth) = Ship((look, up, look));
        fourth();
        third().ShouldBe("n3");
        third.ShouldBeSameAs(fifth);

        Func<string> calling = () => up() + look();
        Ship(calling)().ShouldBe("3n3");
        Ship(calling)().ShouldBe("3n3");
        counter.ShouldBe(1);
    }

    [ThreadFact]
    public void A_closure_that_is_held_whole_as_well_travels_whole()
    {
        int a = 1;
        string b = "two";
        Func<int> work = () => a;
        Func<string> other = () => b;
        var (copy, closure) = Ship((work, work.Target!));
        copy.Target.ShouldBeSameAs(closure);
        FieldOf(copy, nameof(b)).ShouldBe("two");
        (object whole, copy) = Ship((other.Target!, work));
        copy.Target.ShouldBeSameAs(whole);
        copy().ShouldBe(1);
    }

    [ThreadFact]
    public void Lambdas_that_read_different_parts_of_an_outer_block_share_it()
    {
        int x = 1, y = 10;
        Func<int> first, second;
        {
            int inner = 100;
            first = () => x++ + inner;
            second = () => x + y + inner;
        }

        var (one, two) = Ship((first, second));
        one().ShouldBe(101);
        two().ShouldBe(112);
    }

    [ThreadFact]
    public void The_way_to_what_cannot_travel_leads_through_what_the_lambda_reads()
    {
        using var stream = new MemoryStream();
        var holder = new Holder { Inner = new Holder { Stream = stream } };
        Func<bool> neighbour = () => stream.CanRead;
        Refused(() => holder.Inner).MemberPath.ShouldBe("closure.holder.Inner.Stream");
        neighbour().ShouldBeTrue();
    }

    [ThreadFact]
    public unsafe void A_captured_pointer_is_refused_only_where_it_is_read()
    {
        int* pointer = null;
        int number = 3;
        Func<bool> reads = () => pointer == null;
        Ship(() => number)().ShouldBe(3);
        Refused(reads).Message.ShouldContain("pointer");
    }

    private static object? FieldOf(Delegate lambda, string variable) =>
        lambda.Target!.GetType().GetField(variable, BindingFlags.Instance | BindingFlags.Public)!.GetValue(lambda.Target);

    private static class Generic<T>
    {
        public static Func<string> Make<TInner>(T value, TInner inner, Stream stream)
        {
            string Name<TName>() => typeof(TName).Name + (inner is null ? "!" : "");
            Func<bool> neighbour = () => stream.CanRead;
            neighbour().ShouldBeTrue();
            return () => $"{value}{inner}{Name<T>()}";
        }
    }

    private sealed class Owner(Stream stream)
    {
        public Func<int> IgnoresThis(int number)
        {
            Func<bool> neighbour = () => stream.CanRead && number > 0;
            neighbour().ShouldBeTrue();
            return () => number * 2;
        }

        public Func<bool> UsesThis(int number) => () => stream.CanRead && number > 0;
    }

    private sealed class Holder
    {
        public Holder? Inner { get; set; }

        public Stream? Stream { get; set; }
    }
}

public sealed class CompiledClosureParts() : ClosurePartsTests(PlanCompilation.AtOnce);

public sealed class ReflectedClosureParts() : ClosurePartsTests(PlanCompilation.Never);

public sealed class IlTokensTests
{
    [ThreadFact]
    public void Each_instruction_of_the_standard_has_its_operand()
    {
        var codes = typeof(OpCodes).GetFields(BindingFlags.Static | BindingFlags.Public).Select(f => (OpCode)f.GetValue(null)!)
            .Where(c => c.OpCodeType != OpCodeType.Nternal).ToDictionary(c => c.Value & 0xFFFF);
        for (int operation = 0; operation <= 0xFF; operation++) Check(operation);
        for (int operation = 0xFE00; operation <= 0xFEFF; operation++) Check(operation);

        void Check(int operation)
        {
            if (operation is 0xFE || operation == 0xFE19) return; // the prefix itself; `no.`, which reflection does not list
            if (!codes.TryGetValue(operation, out var code))
            {
                IlTokens.OperandBytes(operation).ShouldBe(-1, $"{operation:X}");
                return;
            }

            IlTokens.OperandBytes(operation).ShouldBe(
                code.OperandType switch
                {
                    OperandType.InlineNone => 0,
                    OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                    OperandType.InlineVar => 2,
                    OperandType.InlineI8 or OperandType.InlineR => 8,
                    _ => 4,
                }, code.Name);
            IlTokens.HasToken(operation).ShouldBe(
                code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType, code.Name);
        }
    }

    [ThreadFact]
    public void Tokens_are_found_behind_a_switch_and_unknown_code_ends_the_search()
    {
        byte[] code = [0x45, 1, 0, 0, 0, 0, 0, 0, 0, 0x72, 1, 0, 0, 0x70, 0x02, 0x7D, 5, 0, 0, 0x04, 0xFE, 0x06, 6, 0, 0, 0x06, 0x24, 0x28];
        var tokens = new IlTokens(code);
        tokens.MoveNext().ShouldBeTrue();
        (tokens.Token, tokens.IsStore).ShouldBe((0x04000005, true));
        tokens.MoveNext().ShouldBeTrue();
        (tokens.Token, tokens.IsStore).ShouldBe((0x06000006, false));
        tokens.MoveNext().ShouldBeFalse();
        tokens.IsLost.ShouldBeTrue();
        var cut = new IlTokens([0x28, 1, 0]);
        cut.MoveNext().ShouldBeFalse();
        cut.IsLost.ShouldBeTrue();
    }
}
