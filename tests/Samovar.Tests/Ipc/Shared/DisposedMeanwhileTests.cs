using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>Objects that are disposed while an operation of theirs is under way.</summary>
[Collection(Processes.ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class DisposedMeanwhileTests
{
    [ThreadFact]
    public void A_value_that_is_disposed_while_it_is_updated_stays_mapped_until_that_is_done()
    {
        var number = new SharedValue<int>(2);
        string place = PlaceOf(number);
        number.Update(number, (old, disposed) =>
        {
            disposed.Dispose();
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            IsMapped(place).ShouldBeTrue("what is returned would be written where no memory is"); // which would end this process
            return old + 3;
        }).ShouldBe(5);
        Should.Throw<ObjectDisposedException>(() => number.Value);
        Should.Throw<ObjectDisposedException>(() => number.Value = 1);
        Should.Throw<ObjectDisposedException>(() => number.Update(1, static (old, more) => old + more));
    }

    [ThreadFact]
    public async Task An_element_is_updated_while_another_thread_opens_or_closes_an_object()
    {
        using var numbers = new SharedArray<long>(1);
        Gate taken = new(), goOn = new();
        var holder = HoldRegionsAsync(taken, goOn);
        await taken.PassAsync();
        try
        {
            await TestSupport.OnOwnThread(() => numbers.Update(0, 5L, static (old, more) => old + more)).WaitAsync(TestTimeout.Wait);
        }
        finally
        {
            goOn.Open();
        }

        await holder;
        numbers[0].ShouldBe(5);
    }

    [ThreadFact]
    public async Task A_thread_that_is_interrupted_as_it_completes_an_update_has_updated_and_releases_the_array()
    {
        int regions = SharedRegion.Count;
        var numbers = new SharedArray<long>(1);
        Gate inside = new(), taken = new(), goOn = new();
        bool hasChanged = false, wasInterrupted = false;
        int interrupts = 0;
        long sum = 0;
        Exception? error = null;
        var updating = new Thread(() =>
        {
            error = Record.Exception(() => sum = numbers.Update(0, numbers, (old, disposed) =>
            {
                disposed.Dispose(); // what is left is the hold of this operation
                inside.Open();
                taken.Pass();
                Volatile.Write(ref hasChanged, true);
                return old + 5;
            }));
            lock (inside) wasInterrupted = Record.Exception(() => Monitor.Wait(inside, 1)) is ThreadInterruptedException;
        })
        { IsBackground = true };
        AppDomain.CurrentDomain.FirstChanceException += Count;
        Task holder;
        try
        {
            updating.Start();
            await inside.PassAsync();
            holder = HoldRegionsAsync(taken, goOn);
            await TestTimeout.UntilAsync(() => Volatile.Read(ref hasChanged));
            updating.Interrupt();
            await TestTimeout.UntilAsync(() => Volatile.Read(ref interrupts) > 0 || !updating.IsAlive); // it was interrupted while it waited for the last hold to be released
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
            goOn.Open();
        }

        await holder;
        updating.Join(TestTimeout.Wait).ShouldBeTrue();
        error.ShouldBeNull();
        sum.ShouldBe(5);
        wasInterrupted.ShouldBeTrue("the interrupt is left for the next wait");
        SharedRegion.Count.ShouldBeLessThanOrEqualTo(regions); // what other tests have forgotten goes meanwhile

        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is ThreadInterruptedException && Thread.CurrentThread == updating) Interlocked.Increment(ref interrupts);
        }
    }

    [ThreadTheory]
    [InlineData("signals")]
    [InlineData("signal thread")]
    [InlineData("participation")]
    public async Task A_thread_that_is_interrupted_as_it_disposes_of_a_lock_releases_all_of_it(string whose)
    {
        var held = new ProcessLock();
        var lease = held.Enter();
        var waiting = held.EnterAsync(TestContext.Current.CancellationToken).AsTask(); // so that a thread sleeps for it
        await TestTimeout.UntilAsync(() => held.GetStatistics().Waiting == 1);
        var registration = RegistrationOf(held.Semaphore);
        var signal = SignalsOf(registration).First(static signal => signal.Waiters > 0);
        Gate taken = new(), goOn = new();
        bool wasInterrupted = false;
        int interrupts = 0;
        Exception? error = null;
        var disposing = new Thread(() =>
        {
            error = Record.Exception(held.Dispose);
            lock (taken) wasInterrupted = Record.Exception(() => Monitor.Wait(taken, 1)) is ThreadInterruptedException;
        })
        { IsBackground = true };
        AppDomain.CurrentDomain.FirstChanceException += Count;
        Task holder;
        try
        {
            holder = whose switch
            {
                "signals" => HoldAsync(SignalsGate(null), taken, goOn),
                "participation" => HoldAsync(RegistrationGate(registration), taken, goOn),
                _ => HoldMonitorAsync(ThreadGate(signal.Thread!), taken, goOn),
            };
            await taken.PassAsync();
            disposing.Start();
            await TestTimeout.UntilAsync(() => disposing.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin));
            disposing.Interrupt();
            await TestTimeout.UntilAsync(() => Volatile.Read(ref interrupts) > 0 || !disposing.IsAlive);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
            goOn.Open();
        }

        await holder;
        disposing.Join(TestTimeout.Wait).ShouldBeTrue();
        error.ShouldBeNull();
        wasInterrupted.ShouldBeTrue("the interrupt is left for the next wait");
        registration.Table[registration.Index].ShouldBeNull("its place is another's by now");
        await Should.ThrowAsync<ObjectDisposedException>(waiting.WaitAsync(TestTimeout.Wait));
        lease.Dispose();

        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is ThreadInterruptedException && Thread.CurrentThread == disposing) Interlocked.Increment(ref interrupts);
        }
    }

    // Not inlined, so that no frame of the test refers to the region.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe string PlaceOf(SharedValue<int> value) => $"{(nuint)value.Reference.Region.Header:x}-";

    private static bool IsMapped(string place) => File.ReadLines("/proc/self/maps").Any(line =>
        line.StartsWith(place, StringComparison.Ordinal) && line.Contains("samovar", StringComparison.Ordinal));

    // Holds what a thread holds that opens or closes a shared object.
    private static Task HoldRegionsAsync(Gate taken, Gate goOn) => HoldAsync(RegionsGate(null), taken, goOn);

    private static async Task HoldAsync(Lock gate, Gate taken, Gate goOn) => await TestSupport.OnOwnThread(() =>
    {
        lock (gate)
        {
            taken.Open();
            goOn.Pass();
        }
    }).WaitAsync(TestTimeout.Wait);

    private static async Task HoldMonitorAsync(object gate, Gate taken, Gate goOn) => await TestSupport.OnOwnThread(() =>
    {
        lock (gate)
        {
            taken.Open();
            goOn.Pass();
        }
    }).WaitAsync(TestTimeout.Wait);

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "s_gate")]
    private static extern ref Lock SignalsGate(SignalThread? thread);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gate")]
    private static extern ref object ThreadGate(SignalThread thread);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_registration")]
    private static extern ref ProcessRegistration RegistrationOf(SharedSemaphore permits);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gate")]
    private static extern ref Lock RegistrationGate(ProcessRegistration registration);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_signals")]
    private static extern ref List<SharedSignal> SignalsOf(ProcessRegistration registration);

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "s_gate")]
    private static extern ref Lock RegionsGate(SharedRegion? region);
}
