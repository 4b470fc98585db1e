using System.Linq.Expressions;
using System.Net.Sockets;
using System.Reflection.Emit;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Samovar.Serialization;
using Samovar.Serialization.Unsupported;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class RefusalsTests : ShippingTests
{
    private protected RefusalsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void An_open_file_in_a_captured_reader_is_named_by_its_path()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var reader = new StreamReader(path);
            var refusal = Refused(() => reader.ReadLine());
            refusal.MemberPath.ShouldBe("closure.reader._stream");
            refusal.Culprit.ShouldBe(typeof(FileStream));
            refusal.Message.ShouldBe("closure.reader._stream: FileStream holds an operating-system handle; open it inside the task");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [ThreadFact]
    public void Things_of_this_process_are_refused_with_a_way_out()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var client = new HttpClient();
        using var source = new CancellationTokenSource();
        using var timer = new Timer(_ => { });
        using var semaphore = new SemaphoreSlim(1);
        using var handle = new SafeFileHandle(0, ownsHandle: false);
        using var wait = new ManualResetEvent(false);
        using var periodic = new PeriodicTimer(TimeSpan.FromHours(1));
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var texts = new ThreeTexts();
        texts[1] = "x";
        (object Value, string WayOut)[] cases =
        [
            (socket, "open it inside the task"), (client, "inside the task"), (source, "pass its Token"), (timer, "inside the task"),
            (semaphore, "ProcessSemaphore"), (handle, "open it inside the task"), (wait, "ProcessEvent"), (periodic, "inside the task"),
            (process, "pass its Id"), (Task.FromResult(1), "await it first"), (new TaskCompletionSource(), "await it first"), (Thread.CurrentThread, "inside the task"),
            (new ThreadLocal<int>(), "pass the value"), (new AsyncLocal<int>(), "pass the value"), (new WeakReference(new object()), "pass the target"),
            (new MemoryStream(), "ToArray"), (Channel.CreateUnbounded<int>(), "ProcessQueue"), (new Services(), "container"), ((nint)5, "pass a long"),
            (new WithPointer(), "pointer"), (new System.ComponentModel.Component(), "finalizer"), (Steps(), "ToArray"), (TaskScheduler.Default, "use the scheduler of the task"),
            (new System.Xml.XmlDocument(), "OuterXml"), (new HttpRequestMessage().Headers, "names and values"), (new OwnRegex(), "PayloadCodec"),
            (new System.Data.DataTable(), "WriteXml"), (new System.Data.DataTable().NewRow(), "WriteXml"), (new System.Data.DataSet(), "WriteXml"),
            (new OwnCulture(), "PayloadCodec"), (new System.Diagnostics.ActivitySource("tea"), "static field"), (texts, "use an array"),
            (Encoding.GetEncoding("us-ascii", new EncoderReplacementFallback("X"), DecoderFallback.ReplacementFallback), "PayloadCodec"),
        ];
        foreach (var (value, wayOut) in cases)
        {
            int number = 1;
            var refusal = Refused<Func<object>>(() => (number, value));
            refusal.MemberPath.ShouldBe("closure.value", refusal.Message);
            refusal.Message.ShouldContain(wayOut);
            refusal.Culprit.ShouldBe(value.GetType());
        }
    }

    [ThreadFact]
    public void The_path_goes_through_every_kind_of_container()
    {
        var stream = new MemoryStream();
        Refused(new object[] { 1, stream }).MemberPath.ShouldBe("[1]");
        Refused(new List<Stream> { stream }).MemberPath.ShouldBe("[0]");
        Refused(new Dictionary<string, object> { ["log"] = stream }).MemberPath.ShouldBe("[\"log\"]");
        Refused(new Dictionary<int, object[]> { [7] = [stream] }).MemberPath.ShouldBe("[7][0]");
        Refused((1, stream)).MemberPath.ShouldBe("Item2");
        Refused(new Holder { Property = new Holder { Property = stream } }).MemberPath.ShouldBe("Property.Property");
        Refused<object>(stream).MemberPath.ShouldBe("value");
        Action first = static () => { };
        Refused(first + (() => stream.Flush())).MemberPath.ShouldBe("[1].closure.stream");
        Refused(new Addressed { Address = 5 }).MemberPath.ShouldBe("Address");
    }

    [ThreadFact]
    public void The_search_for_the_path_does_not_walk_through_plain_data()
    {
        byte[] bytes = new byte[1 << 20];
        var numbers = Enumerable.Range(0, 1 << 18).ToList();
        var stream = new MemoryStream();
        Refused((numbers, bytes, stream)).MemberPath.ShouldBe("Item3"); // what is made once is made

        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused((numbers, bytes, stream)).MemberPath.ShouldBe("Item3");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(bytes.Length * 8L, "each item that is looked at costs more");
    }

    [ThreadFact]
    public void A_nested_scope_leaves_no_trace_in_the_path()
    {
        var stream = new MemoryStream();
        Refused(Make(stream)).MemberPath.ShouldBe("closure.outer");

        static Func<long> Make(Stream outer)
        {
            Func<long> made = null!;
            for (int i = 0; i < 1; i++)
            {
                int inner = i;
                made = () => outer.Length + inner;
            }

            return made;
        }
    }

    [ThreadFact]
    public void Variables_that_only_another_lambda_captured_are_distinguished()
    {
        var stream = new MemoryStream();
        int limit = 3;
        Func<long> neighbour = () => stream.Length;
        Func<int> innocent = () => limit;

        Refused(neighbour).Message.ShouldNotContain("another lambda");
        Ship(innocent)().ShouldBe(3);
        SharedClosureHint.VariableOn(WayTo(innocent)).ShouldBe("stream");
        SharedClosureHint.VariableOn(WayTo(neighbour)).ShouldBeNull();

        UnsupportedValuePath.Step WayTo(Delegate lambda) => new(new(new(null, "", lambda), "closure", lambda.Target!), "stream", stream);
    }

    [ThreadFact]
    public void A_captured_this_is_named_as_such()
    {
        var refusal = Refused(new Accident().UsesMember());
        refusal.MemberPath.ShouldBe("closure.this._stream");
        refusal.Message.ShouldContain("The lambda captured 'this' (Accident)");
        refusal.Message.ShouldContain("copy what it needs into a local variable");

        var mixed = Refused(new Accident().UsesMemberAndLocal(3));
        mixed.MemberPath.ShouldBe("closure.this._stream");
        mixed.Message.ShouldContain("captured 'this'");
    }

    [ThreadFact]
    public async Task Async_methods_halfway_through_are_refused()
    {
        var gate = new TaskCompletionSource();
        var running = Run(gate.Task);
        Refused(new object[] { running }).Message.ShouldContain("await it first");
        gate.SetResult();
        await running;
        static async Task Run(Task until) => await until;
    }

    [ThreadFact]
    public void Code_made_at_run_time_is_refused()
    {
        Expression<Func<int>> expression = () => 5;
        Refused(expression.Compile()).Message.ShouldContain("created at run time");
        var dynamic = new DynamicMethod("d", typeof(int), []);
        var il = dynamic.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        Refused(dynamic.CreateDelegate<Func<int>>()).Message.ShouldContain("created at run time");
    }

    [ThreadFact]
    public void Nothing_is_refused_for_being_null_or_zero()
    {
        Ship(new Accident(null)).ShouldNotBeNull();
        Ship(new Addressed()).Address.ShouldBe(0);
        Ship<Stream?>(null).ShouldBeNull();
    }

    [ThreadFact]
    public void A_refused_message_leaves_the_connection_as_it_was()
    {
        int number = 1;
        Ship(() => number)().ShouldBe(1);
        for (int i = 0; i < 3; i++)
        {
            var stream = new MemoryStream();
            Refused(() => new KeyValuePair<int, Stream>(number, stream));
        }

        Ship(() => number + 1)().ShouldBe(2);
        Ship(new Holder { Property = "ok" }).Property.ShouldBe("ok");
    }

    [ThreadFact]
    public void Limits_hold_where_a_value_is_written()
    {
        Over(Options with { MaxObjects = 10 }, Enumerable.Range(0, 20).Select(_ => new object()).ToArray(), "MaxObjects");
        Over(Options with { MaxBytes = 1000 }, new int[1000], "MaxBytes");
        Over(Options with { MaxBytes = 1000 }, new string('x', 2000), "MaxBytes");
        Over(Options with { MaxBytes = 100 }, Enumerable.Range(0, 200).Select(i => (object)i).ToArray(), "MaxBytes");
        Over(Options with { MaxStringLength = 10 }, "eleven chars", "MaxStringLength");
        Over(Options with { MaxArrayLength = 10 }, new byte[11], "MaxArrayLength");
        Over(Options with { MaxArrayLength = 10 }, new List<string>(Enumerable.Repeat("a", 11)), "MaxArrayLength");
        Over(Options with { MaxDefinitions = 1 }, new Holder { Property = new Addressed() }, "MaxDefinitions");

        static void Over<T>(ShippingOptions options, T value, string option) =>
            Should.Throw<UnshippableException>(() => Shipping.Pack(value, options)).Message.ShouldContain(option);
    }

    [ThreadFact]
    public void Options_out_of_range_are_refused_at_the_door()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingWriter(new ShippingOptions { MaxDepth = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingReader(new ShippingOptions { MaxObjects = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingReader(new ShippingOptions { MaxBytes = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingReader(new ShippingOptions { MaxStringLength = -1 }));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingReader(new ShippingOptions { MaxArrayLength = -1 }));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShippingReader(new ShippingOptions { MaxDefinitions = 0 }));
    }

    private static IEnumerable<int> Steps()
    {
        yield return 1;
    }

    private sealed class Services : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed unsafe class WithPointer
    {
        public readonly int* Address = (int*)1;
    }

    private sealed class Holder
    {
        public object? Property { get; init; }
    }

    private sealed class Addressed
    {
        public nint Address { get; init; }
    }

    private sealed class Accident(Stream? stream)
    {
        private readonly Stream? _stream = stream;
        private readonly int _number = 5;

        public Accident()
            : this(new MemoryStream())
        {
        }

        public Func<int> UsesMember() => () => _number + (_stream is null ? 0 : 1);

        public Func<int> UsesMemberAndLocal(int local) => () => _number + local;
    }

    private sealed class OwnRegex() : Regex("x");

    private sealed class OwnCulture() : System.Globalization.CultureInfo("");

    [System.Runtime.CompilerServices.InlineArray(3)]
    private struct ThreeTexts
    {
        private string _first;
    }
}

public sealed class CompiledRefusals() : RefusalsTests(PlanCompilation.AtOnce);

public sealed class ReflectedRefusals() : RefusalsTests(PlanCompilation.Never);
