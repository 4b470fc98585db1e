using System.ComponentModel;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class ExceptionsTests : ShippingTests
{
    private protected ExceptionsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void An_exception_arrives_as_its_own_type_with_the_remote_stack()
    {
        var thrown = Thrown(() => throw new TeaException("too cold", 40) { Data = { ["cup"] = 3 } });
        var copy = Ship(thrown).ShouldBeOfType<TeaException>();
        copy.Message.ShouldBe("too cold");
        copy.Degrees.ShouldBe(40);
        copy.Data["cup"].ShouldBe(3);
        copy.HResult.ShouldBe(thrown.HResult);
        copy.StackTrace.ShouldNotBeNull().ShouldContain(nameof(An_exception_arrives_as_its_own_type_with_the_remote_stack));

        var again = Thrown(() => throw copy);
        again.StackTrace!.IndexOf(nameof(An_exception_arrives_as_its_own_type_with_the_remote_stack), StringComparison.Ordinal)
            .ShouldBeLessThan(again.StackTrace.IndexOf("End of stack trace", StringComparison.Ordinal));
    }

    [ThreadFact]
    public void Inner_and_aggregated_exceptions_travel()
    {
        var copy = Ship<Exception>(new AggregateException("all", new ArgumentException("bad", "name"), new TeaException("cold", 1)));
        var all = copy.ShouldBeOfType<AggregateException>();
        all.InnerExceptions.Count.ShouldBe(2);
        all.InnerExceptions[0].ShouldBeOfType<ArgumentException>().ParamName.ShouldBe("name");
        all.InnerException.ShouldBeSameAs(all.InnerExceptions[0]);
        Ship(new InvalidOperationException("outer", new FormatException("inner"))).InnerException.ShouldBeOfType<FormatException>();
        Ship<Exception>(new Win32Exception(2)).ShouldBeOfType<Win32Exception>().NativeErrorCode.ShouldBe(2);
        Ship<Exception>(new OperationCanceledException("gone")).Message.ShouldBe("gone");
        Ship(new FileNotFoundException("no tea", "tea.txt")).FileName.ShouldBe("tea.txt");
        Ship<Exception>(new TimeoutException()).Message.ShouldBe(new TimeoutException().Message);
    }

    [ThreadFact]
    public void An_exception_that_holds_what_cannot_travel_arrives_as_text()
    {
        var thrown = Thrown(() => throw new HoldingException("spilled", new MemoryStream()));
        var copy = Ship<Exception>(thrown).ShouldBeOfType<RemoteException>();
        copy.TypeName.ShouldBe(typeof(HoldingException).FullName);
        copy.RemoteMessage.ShouldBe("spilled");
        copy.RemoteStackTrace.ShouldNotBeNull().ShouldContain(nameof(An_exception_that_holds_what_cannot_travel_arrives_as_text));
        copy.Reason.ShouldNotBeNull().ShouldContain("MemoryStream");
        copy.StackTrace.ShouldNotBeNull().ShouldContain(nameof(An_exception_that_holds_what_cannot_travel_arrives_as_text));
    }

    [ThreadFact]
    public void Only_the_part_that_cannot_travel_becomes_text()
    {
        var copy = Ship<Exception>(new TeaException("cold", 5, new HoldingException("spilled", new MemoryStream())));
        copy.ShouldBeOfType<TeaException>().InnerException.ShouldBeOfType<RemoteException>().RemoteMessage.ShouldBe("spilled");

        var outcomes = Ship(new object[] { 1, new HoldingException("a", new MemoryStream()), new HoldingException("b", new MemoryStream()), 2 });
        outcomes[1].ShouldBeOfType<RemoteException>().RemoteMessage.ShouldBe("a");
        outcomes[2].ShouldBeOfType<RemoteException>().RemoteMessage.ShouldBe("b");
        outcomes[3].ShouldBe(2);

        var data = new InvalidOperationException("with data") { Data = { ["stream"] = new MemoryStream() } };
        Ship<Exception>(data).ShouldBeOfType<RemoteException>().RemoteMessage.ShouldBe("with data");
    }

    [ThreadFact]
    public void Where_only_the_exact_type_fits_the_refusal_remains() =>
        Refused(new Report { Error = new HoldingException("x", new MemoryStream()) }).MemberPath.ShouldBe("Error._stream");

    [ThreadFact]
    public async Task Exceptions_of_the_runtime_as_it_throws_them_keep_their_types()
    {
        using var source = new CancellationTokenSource();
        var waiting = Task.Delay(Timeout.Infinite, source.Token);
        await source.CancelAsync();
        Ship<Exception>(await Should.ThrowAsync<TaskCanceledException>(waiting)).ShouldBeOfType<TaskCanceledException>();
        Func<object>[] failing =
        [
            () => int.Parse("x", null), () => Array.Empty<int>()[Count()], () => (string)(object)1, () => new Dictionary<string, int>()["k"], () => File.ReadAllText("/no/such/file"),
            () => new Uri("::"), () => Type.GetType("No.Such, Type", throwOnError: true)!, () => System.Text.Json.JsonDocument.Parse("{"), () => 1 / (Count() - 1),
            () => ((string?)null)!.Length, () => Enumerable.Empty<int>().First(), () => Enum.Parse<DayOfWeek>("x"), () => checked(int.MaxValue + Count()),
            () => new System.Net.Sockets.TcpClient("127.0.0.1", 1), () => Convert.FromBase64String("?"), () => throw new AggregateException(new IOException("io")),
        ];
        foreach (var fail in failing)
        {
            var thrown = Should.Throw<Exception>(() => fail());
            var copy = Ship(thrown);
            copy.GetType().ShouldBe(thrown.GetType());
            copy.Message.ShouldBe(thrown.Message);
            copy.StackTrace.ShouldNotBeNull().ShouldStartWith(thrown.StackTrace!.TrimEnd());
        }

        static int Count() => Environment.ProcessorCount > 0 ? 1 : 0;
    }

    [ThreadFact]
    public void A_stand_in_travels_on_unchanged()
    {
        var first = new RemoteException("Tea.Cold", "cold", "at the table", "reason", new RemoteException("Inner", "i", null));
        var copy = Ship(first);
        copy.Message.ShouldBe(first.Message);
        copy.RemoteStackTrace.ShouldBe("at the table");
        copy.InnerException.ShouldBeOfType<RemoteException>().TypeName.ShouldBe("Inner");
    }

    private static Exception Thrown(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new InvalidOperationException("The action did not throw.");
    }

    private sealed class TeaException(string message, int degrees, Exception? inner = null) : Exception(message, inner)
    {
        public int Degrees { get; } = degrees;
    }

    private sealed class HoldingException(string message, Stream stream) : Exception(message)
    {
        private readonly Stream _stream = stream;

        public long Length => _stream.Length;
    }

    private sealed class Report
    {
        public HoldingException? Error { get; init; }
    }
}

public sealed class CompiledExceptions() : ExceptionsTests(PlanCompilation.AtOnce);

public sealed class ReflectedExceptions() : ExceptionsTests(PlanCompilation.Never);
