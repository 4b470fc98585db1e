using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;

namespace Samovar.Stress.Processes;

/// <summary>Work that turns its worker against the executor.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class HostileWork
{
    private const ushort Message = (ushort)RingRecordKind.Message;
    private const int LargestNoise = 512;

    /// <summary>Does it, and does not end.</summary>
    public static int Forever(Sabotage sabotage)
    {
        Do(sabotage, HostileChannel.Find(), new Random(1));
        Thread.CurrentThread.Join();
        return 0;
    }

    /// <summary>Does it, and ends as if nothing had been.</summary>
    public static int Once(Sabotage sabotage)
    {
        Do(sabotage, HostileChannel.Find(), new Random(1));
        return 1;
    }

    /// <summary>Does it when another task has been sent after this one, and ends as if nothing had been.</summary>
    /// <returns>1; 0 where none was sent for a while.</returns>
    public static int OnceSentAhead(Sabotage sabotage)
    {
        var channel = HostileChannel.Find();
        using var moment = new ManualResetEventSlim();
        for (int looks = 0; channel.Next() is null; looks++)
        {
            if (looks == 200) return 0;
            moment.Wait(1); // it is never set
        }

        Do(sabotage, channel, new Random(1));
        return 1;
    }

    /// <summary>What <see cref="AtRandom"/> does for a seed.</summary>
    public static Sabotage[] DeedsOf(int seed)
    {
        var random = new Random(seed);
        var kinds = Enum.GetValues<Sabotage>();
        return [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => kinds[random.Next(kinds.Length)])];
    }

    /// <summary>Does several things at random, at once or long enough for the executor to meet them at work.</summary>
    public static int AtRandom(int seed)
    {
        var channel = HostileChannel.Find();
        var random = new Random(seed + 1);
        using var moment = new ManualResetEventSlim();
        foreach (var deed in DeedsOf(seed))
        {
            Do(deed, channel, random);
            if (random.Next(2) == 0) moment.Wait(random.Next(150)); // never set
        }

        return 1;
    }

    private static void Do(Sabotage sabotage, HostileChannel channel, Random random)
    {
        var own = channel.Running();
        byte[] noise = new byte[random.Next(LargestNoise)];
        random.NextBytes(noise);
        switch (sabotage)
        {
            case Sabotage.ImpossibleLength: channel.Forge(Message, 7, [], 0x7FFF_FFF8); break;
            case Sabotage.UnknownKind: channel.Forge(77, 7, noise); break;
            case Sabotage.UnknownTag: channel.Forge(Message, 0xABCD, noise); break;
            case Sabotage.ShortResult: channel.Forge(Message, (ushort)RecordTag.Result, [1, 2, 3]); break;
            case Sabotage.ResultForNoTask: channel.Forge(RecordTag.Result, new ResultHeader { Slot = 200, Generation = 99 }); break;
            case Sabotage.ResultBeyondTheSlots: channel.Forge(RecordTag.Result, new ResultHeader { Slot = int.MinValue, Generation = ulong.MaxValue }); break;
            case Sabotage.ResultOfNoise: channel.Forge(RecordTag.Result, new ResultHeader { Slot = own.Slot, Generation = own.Generation, Elapsed = random.NextInt64() }, noise); break;
            case Sabotage.ResultOfSharedNonsense:
                channel.Forge(RecordTag.Result, new ResultHeader { Slot = own.Slot, Generation = own.Generation, SharedObjects = random.Next(2) == 0 ? -1 : int.MaxValue });
                break;
            case Sabotage.ResultForUnbegun:
                *channel.Word(own.Slot) = SlotWords.Pack(own.Generation, ItemSlotState.Sent);
                channel.Forge(RecordTag.Result, new ResultHeader { Slot = own.Slot, Generation = own.Generation });
                break;
            case Sabotage.BodyReadOfUnbegun:
                *channel.Word(own.Slot) = SlotWords.Pack(own.Generation, ItemSlotState.Sent);
                channel.Forge(RecordTag.BodyRead, new TicketRecord(own.Generation, own.Slot, default));
                break;
            case Sabotage.LargeFromNowhere: ForgeLarge(channel, 987_654, 1 << 20); break;
            case Sabotage.LargeBeyondMemory: ForgeLarge(channel, 3, 1L << 40); break;
            case Sabotage.DefinitionsOfNoise: channel.Forge(Message, (ushort)RecordTag.Definitions, [0xFF, 0xFE, 0xFD, .. noise]); break;
            case Sabotage.ImpossibleSlot: *channel.Word(own.Slot) = (own.Generation << 3) | 7; break;
            case Sabotage.ImpossiblePosition: Volatile.Write(ref channel.Header->WorkHead, random.Next(2) == 0 ? -1 : random.NextInt64()); break;
            case Sabotage.SilentBell: KeepBellSilent(channel); break;
            case Sabotage.NoiseInResults: Scatter(random, channel.Results); break;
            case Sabotage.NoiseInSlots: Scatter(random, channel.Slots); break;
            case Sabotage.NoiseInHeader: Scatter(random, channel.All[..ChannelHeader.HeaderSize]); break;
            case Sabotage.NoiseEverywhere: random.NextBytes(channel.All); break;
            case Sabotage.RecordOfNoise: channel.Forge(Message, (ushort)random.Next(1, 16), noise); break;
            case Sabotage.RecordAboutItself:
                channel.Forge((RecordTag)random.Next(1, 16), new ResultHeader { Slot = own.Slot, Generation = own.Generation, Elapsed = random.NextInt64(), Flags = (ResultFlags)random.Next(4) }, noise);
                break;
            case Sabotage.NextTakenBack: MarkNext(channel, ItemSlotState.Revoked); break;
            case Sabotage.NextBegun: MarkNext(channel, ItemSlotState.Started); break;
        }
    }

    private static void MarkNext(HostileChannel channel, ItemSlotState state)
    {
        if (channel.Next() is not { } slot) return;
        ulong word = *channel.Word(slot);
        Volatile.Write(ref *channel.Word(slot), SlotWords.Pack(SlotWords.Generation(word), state));
    }

    private static void ForgeLarge(HostileChannel channel, long number, long length)
    {
        var reference = new LargeMessage.Reference(number, length);
        channel.Forge((ushort)RingRecordKind.Large, (ushort)RecordTag.Result, MemoryMarshal.AsBytes(new ReadOnlySpan<LargeMessage.Reference>(in reference)));
    }

    // A thread of its own, for the worker sets it each time before it sleeps.
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "It is hostile on purpose.")]
    private static void KeepBellSilent(HostileChannel channel)
    {
        var silence = new Thread(() =>
        {
            while (true)
            {
                Volatile.Write(ref channel.Header->WorkerBell, 0);
                Thread.Yield();
            }
        })
        { IsBackground = true };
        silence.Start();
    }

    private static void Scatter(Random random, Span<byte> over)
    {
        for (int changes = random.Next(1, 64); changes > 0; changes--) over[random.Next(over.Length)] = (byte)random.Next(256);
    }
}
