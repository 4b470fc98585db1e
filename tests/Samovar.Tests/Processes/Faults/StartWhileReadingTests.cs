using System.Buffers;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Processes.Worker;
using Samovar.Serialization;
using Samovar.Serialization.Plans;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Code of the program that starts workers in a worker, while a message is read there.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class StartWhileReadingTests
{
    private static string? s_place;

    [ProcessFact]
    public async Task A_codec_starts_a_pool_where_a_task_takes_an_item_from_a_queue()
    {
        using var queue = new ProcessQueue<Computed>(1);
        queue.Put(new Computed(5));
        await using var pool = PoolUnderTest.Build(workers: 1);
        (await pool.Submit(() => queue.Take().Value)).ShouldBe(6);
    }

    [ProcessFact]
    public async Task A_codec_and_a_comparer_start_a_pool_where_a_task_is_read()
    {
        var computed = new Computed(5);
        var keys = new HashSet<int>(new Comparer()) { 7 };
        await using var pool = PoolUnderTest.Build(workers: 1);
        (await pool.Submit(() => computed.Value)).ShouldBe(6);
        (await pool.Submit(() => keys.Count)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task Work_and_an_initializer_are_read_inside_of_frames_that_are_looked_for()
    {
        var place = new Place("here");
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Initializer = () => s_place = place.Stack });
        string[] seen =
        [
            (await pool.Submit(static () => s_place))!, await pool.Submit(() => place.Stack),
            await pool.Map((int[])[1], _ => place.Stack).FirstAsync(TestContext.Current.CancellationToken),
        ];
        seen[0].ShouldContain($"{nameof(TaskReading)}.{nameof(TaskReading.ReadInitializer)}");
        seen[1..].ShouldAllBe(static stack => stack.Contains($"{nameof(TaskReading)}.{nameof(TaskReading.Read)}(", StringComparison.Ordinal));
        seen.ShouldAllBe(static stack => stack.Contains($"{nameof(CodecBytes)}.{nameof(CodecBytes.Read)}(", StringComparison.Ordinal));
    }

    [ThreadFact]
    public void Code_that_runs_while_a_task_is_read_is_an_initializer_s_unless_a_codec_or_a_comparer_has_called_it()
    {
        var own = typeof(StartWhileReadingTests).GetMethod(nameof(Next), BindingFlags.NonPublic | BindingFlags.Static)!;
        var reader = typeof(ShippingReader).GetMethods().First(static method => method.Name == nameof(ShippingReader.Read));
        var codec = typeof(CodecBytes).GetMethod(nameof(CodecBytes.Read))!;
        var comparer = typeof(Comparer).GetMethod(nameof(Comparer.GetHashCode), [typeof(int)])!;
        var reading = typeof(TaskReading).GetMethods(BindingFlags.Public | BindingFlags.Static);
        reading.Length.ShouldBe(4);
        foreach (var task in reading)
        {
            WorkerRuntime.InitializerIn([own, reader, task]).ShouldBe("an initializer that runs while a task is read");
            WorkerRuntime.InitializerIn([own, codec, reader, task]).ShouldBeNull();
            WorkerRuntime.InitializerIn([own, comparer, reader, task]).ShouldBeNull();
        }

        WorkerRuntime.InitializerIn([own, reader, null]).ShouldBeNull();
        WorkerRuntime.InitializerIn([own, typeof(Initialized).TypeInitializer, codec, reader]).ShouldBe($"the type initializer of {typeof(Initialized).FullName}");
    }

    [ThreadFact]
    public void A_method_whose_attribute_cannot_be_loaded_is_no_initializer()
    {
        var attribute = Loaded("Samovar.Tests.Lost", static module =>
        {
            var type = module.DefineType("LostAttribute", TypeAttributes.Public, typeof(Attribute));
            type.DefineDefaultConstructor(MethodAttributes.Public);
            type.CreateType();
        }).GetType("LostAttribute")!.GetConstructor([])!;
        var method = Loaded("Samovar.Tests.Kept", module =>
        {
            var type = module.DefineType("Kettle", TypeAttributes.Public);
            var boil = type.DefineMethod("Boil", MethodAttributes.Public | MethodAttributes.Static, typeof(void), []);
            boil.GetILGenerator().Emit(OpCodes.Ret);
            boil.SetCustomAttribute(attribute, [1, 0, 0, 0]); // no arguments
            type.CreateType();
        }).GetType("Kettle")!.GetMethod("Boil")!;
        Should.Throw<Exception>(() => method.IsDefined(typeof(ObsoleteAttribute), inherit: false)); // an assembly loaded from bytes cannot be resolved

        WorkerRuntime.InitializerIn([method]).ShouldBeNull();
    }

    /// <summary>Makes an assembly, and loads it from bytes.</summary>
    private static Assembly Loaded(string name, Action<ModuleBuilder> define)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        define(assembly.DefineDynamicModule(name));
        using var file = new MemoryStream();
        assembly.Save(file);
        return Assembly.Load(file.ToArray());
    }

    /// <summary>The next number, as a worker's worker computes it.</summary>
    private static int Next(int number)
    {
        var pool = PoolUnderTest.Build(workers: 1);
        try
        {
            return pool.Submit(() => number + 1).Result;
        }
        finally
        {
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>A number that grows by one where it is read.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Computed(int value)
    {
        public int Value => value;

        private sealed class Codec : PayloadCodec<Computed>
        {
            public override void Write(Computed value, IBufferWriter<byte> output) => output.Write([(byte)value.Value]);

            public override Computed Read(ReadOnlySpan<byte> payload) => new(Next(payload[0]));
        }
    }

    /// <summary>Where it is read.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Place(string stack)
    {
        public string Stack => stack;

        private sealed class Codec : PayloadCodec<Place>
        {
            public override void Write(Place value, IBufferWriter<byte> output) => output.Write("p"u8);

            public override Place Read(ReadOnlySpan<byte> payload) => new(Environment.StackTrace);
        }
    }

    /// <summary>Asks a pool for a hash code, in a worker.</summary>
    private sealed class Comparer : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => x == y;

        public int GetHashCode(int obj) => ProcessWorker.IsWorker ? Next(obj) - 1 : obj;
    }

    private static class Initialized
    {
        static Initialized() => GC.KeepAlive(null);
    }
}
