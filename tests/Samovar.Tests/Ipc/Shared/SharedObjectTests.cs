using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>Shared memory within one process: contents, names, errors, lifetime. On both platforms.</summary>
[Collection(Processes.ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class SharedObjectTests
{
    public static TheoryData<string> Kinds => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public void Memory_opened_by_name_is_the_same_memory(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        var store = SharedStore.Of(kind);
        using var memory = new SharedMemory(10_000, OwnNames.Own("memory-test"), store);
        memory.Span[9_999].ShouldBe((byte)0);
        memory.Span[9_999] = 7;
        using var same = SharedMemory.Open(OwnNames.Own("memory-test"), store);
        same.Length.ShouldBe(10_000);
        same.Slice(9_999, 1)[0].ShouldBe((byte)7);
        same.Name.ShouldBe(OwnNames.Own("memory-test"));
        Should.Throw<ArgumentOutOfRangeException>(() => same.Slice(9_999, 2).Clear());
        Should.Throw<ArgumentOutOfRangeException>(() => same.Slice(-1, 2).Clear());
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public void A_name_is_taken_while_any_process_holds_the_object_and_free_afterwards(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        var store = SharedStore.Of(kind);
        var first = new SharedArray<int>(5, OwnNames.Own("taken"), store);
        var second = SharedArray<int>.Open(OwnNames.Own("taken"), store);
        Fault(() => new SharedArray<int>(5, OwnNames.Own("taken"), store).Dispose()).ShouldBe(SharedObjectFault.NameTaken);
        first.Dispose();
        Fault(() => new SharedMemory(5, OwnNames.Own("taken"), store).Dispose()).ShouldBe(SharedObjectFault.NameTaken);
        second.Dispose();
        Fault(() => SharedArray<int>.Open(OwnNames.Own("taken"), store).Dispose()).ShouldBe(SharedObjectFault.NotFound);
        new SharedArray<int>(6, OwnNames.Own("taken"), store).Dispose();
        OwnNames.ShouldHaveGone();
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public void Opening_as_something_else_is_refused(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        var store = SharedStore.Of(kind);
        using var array = new SharedArray<int>(5, OwnNames.Own("typed"), store);
        Fault(() => SharedArray<uint>.Open(OwnNames.Own("typed"), store).Dispose()).ShouldBe(SharedObjectFault.TypeMismatch);
        Fault(() => SharedValue<int>.Open(OwnNames.Own("typed"), store).Dispose()).ShouldBe(SharedObjectFault.TypeMismatch);
        Fault(() => SharedMemory.Open(OwnNames.Own("typed"), store).Dispose()).ShouldBe(SharedObjectFault.TypeMismatch);
    }

    [ThreadTheory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a~b")]
    [InlineData(".hidden")]
    [InlineData("has space")]
    public void An_invalid_name_is_refused(string name) => Should.Throw<ArgumentException>(() => new SharedMemory(5, name).Dispose());

    [ThreadFact]
    public void What_no_machine_has_is_refused_with_an_error_that_says_so()
    {
        var error = Should.Throw<SharedObjectException>(() => new SharedMemory(1L << 50).Dispose());
        error.Fault.ShouldBe(SharedObjectFault.Refused);
        error.Message.ShouldContain("bytes could not be created");
        Should.Throw<ArgumentOutOfRangeException>(() => new SharedMemory(0).Dispose());
        Should.Throw<ArgumentOutOfRangeException>(() => new SharedArray<long>(0).Dispose());
    }

    [ThreadFact]
    public void Elements_that_mean_something_in_one_process_only_are_refused()
    {
        Should.Throw<NotSupportedException>(() => new SharedArray<nint>(5).Dispose());
        Should.Throw<NotSupportedException>(() => new SharedValue<nint>().Dispose());
        Should.Throw<NotSupportedException>(() => new SharedValue<short>().Dispose()).Message.ShouldContain("2 bytes");
        Should.Throw<NotSupportedException>(() => new SharedValue<decimal>().Dispose());
    }

    [ThreadFact]
    public void An_array_counts_its_elements_and_checks_its_indexes()
    {
        using var array = new SharedArray<(int, double)>(3);
        array[2] = (5, 1.5);
        array[2].Item1++;
        array.Span.Length.ShouldBe(3);
        array.ToArray().ShouldBe([(0, 0), (0, 0), (6, 1.5)]);
        Should.Throw<ArgumentOutOfRangeException>(() => array[3] = default);
        Should.Throw<ArgumentOutOfRangeException>(() => array[-1] = default);
    }

    [ThreadFact]
    public void A_value_changes_as_a_whole()
    {
        using var number = new SharedValue<int>(40);
        number.Add(2).ShouldBe(42);
        number.Exchange(7).ShouldBe(42);
        number.CompareExchange(8, 6).ShouldBe(7);
        number.CompareExchange(8, 7).ShouldBe(7);
        number.Value.ShouldBe(8);
        using var real = new SharedValue<double>(1.5);
        real.Add(2).ShouldBe(3.5);
        real.Update(2.0, static (old, factor) => old * factor).ShouldBe(7);
        using var day = new SharedValue<DayOfWeek>(DayOfWeek.Friday);
        day.Exchange(DayOfWeek.Sunday).ShouldBe(DayOfWeek.Friday);
        Should.Throw<NotSupportedException>(() => day.Add(DayOfWeek.Monday));
        using var big = new SharedValue<ulong>(ulong.MaxValue);
        big.Add(1).ShouldBe(0UL);
    }

    [ThreadFact]
    public void An_array_that_is_disposed_while_an_element_is_updated_stays_until_that_is_done()
    {
        var numbers = new SharedArray<long>(1);
        numbers.Update(0, numbers, static (old, disposed) =>
        {
            disposed.Dispose();
            return old + 5;
        }).ShouldBe(5);
        Should.Throw<ObjectDisposedException>(() => numbers.Update(0, 1, static (old, more) => old + more));
    }

    [ThreadFact]
    public void An_element_changes_as_a_whole()
    {
        using var numbers = new SharedArray<long>(3);
        numbers.Add(1, 40).ShouldBe(40);
        numbers.Add(1, 2).ShouldBe(42);
        numbers.Exchange(1, 7).ShouldBe(42);
        numbers.CompareExchange(1, 8, 6).ShouldBe(7);
        numbers.CompareExchange(1, 8, 7).ShouldBe(7);
        numbers.Update(1, 2, static (old, factor) => old * factor).ShouldBe(16);
        numbers.ToArray().ShouldBe([0, 16, 0]);
        using var reals = new SharedArray<float>(2);
        reals.Add(0, 1.5f).ShouldBe(1.5f);
        reals.Add(1, 2).ShouldBe(2);
        reals.ToArray().ShouldBe([1.5f, 2]);
        Should.Throw<ArgumentOutOfRangeException>(() => numbers.Add(3, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => numbers.Add(-1, 1));
        using var bytes = new SharedArray<byte>(2);
        Should.Throw<NotSupportedException>(() => bytes.Add(0, 1)).Message.ShouldContain("1 bytes");
        numbers.Dispose();
        Should.Throw<ObjectDisposedException>(() => numbers.Add(0, 1));
    }

    [ThreadFact]
    public async Task Additions_by_many_threads_all_count()
    {
        using var counts = new SharedArray<int>(2);
        using var sum = new SharedValue<long>();
        using var real = new SharedValue<float>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                sum.Add(3);
                real.Add(1);
                counts.Add(i & 1, 1);
            }
        })));
        sum.Value.ShouldBe(120_000);
        real.Value.ShouldBe(40_000);
        counts.ToArray().ShouldBe([20_000, 20_000]);
    }

    [ThreadFact]
    public void A_disposed_object_says_so()
    {
        var array = new SharedArray<int>(5);
        array.Dispose();
        array.Dispose();
        Should.Throw<ObjectDisposedException>(() => array[0]);
        Should.Throw<ObjectDisposedException>(() => array.Span.Length);
        var value = new SharedValue<int>();
        value.Dispose();
        Should.Throw<ObjectDisposedException>(() => value.Value);
        Should.Throw<ObjectDisposedException>(() => value.Add(1));
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task Ten_thousand_creations_leave_nothing(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        var store = SharedStore.Of(kind);
        int count = kind == ChannelKind.Linux ? 10_000 : 1_000;
        var before = await Leftovers.BeforeAsync();
        int regions = SharedRegion.Count;
        int mappings = Mappings();
        for (int i = 0; i < count; i++)
        {
            using var array = new SharedArray<int>(100, i % 100 == 0 ? OwnNames.Own("leak-test") : null, store);
            using var value = new SharedValue<int>(i, null, store);
            array[0] = value.Value;
        }

        SharedRegion.Count.ShouldBe(regions);
        await before.ShouldBeNoneAsync();
        OwnNames.ShouldHaveGone();
        (await GcAssert.CollectUntilAsync(() => Mappings() <= mappings)).ShouldBeTrue($"{Mappings()} mappings, {mappings} before");
    }

    [ThreadFact]
    public async Task An_unreferenced_object_is_released_unless_a_span_was_taken()
    {
        // By its place: others that are forgotten go meanwhile too.
        string forgotten = Forget(withSpan: false);
        (await GcAssert.CollectUntilAsync(() => !IsMapped(forgotten))).ShouldBeTrue();
        string exposed = Forget(withSpan: true);
        for (int i = 0; i < 3; i++) await GcAssert.CollectUntilAsync(static () => true);
        IsMapped(exposed).ShouldBeTrue();

        static bool IsMapped(string place) => File.ReadLines("/proc/self/maps").Any(line =>
            line.StartsWith(place, StringComparison.Ordinal) && line.Contains("samovar", StringComparison.Ordinal));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static unsafe string Forget(bool withSpan)
        {
            var array = new SharedArray<int>(100);
            array.ToArray().Length.ShouldBe(100);
            if (withSpan) array.Span.Clear();
            string place = $"{(nuint)array.Reference.Region.Header:x}-";
            IsMapped(place).ShouldBeTrue();
            return place;
        }
    }

    private static int Mappings() => File.ReadLines("/proc/self/maps").Count(static l => l.Contains("memfd:samovar", StringComparison.Ordinal)
        || l.Contains("/samovar.", StringComparison.Ordinal));

    private static SharedObjectFault Fault(Action action) => Should.Throw<SharedObjectException>(action).Fault;
}
