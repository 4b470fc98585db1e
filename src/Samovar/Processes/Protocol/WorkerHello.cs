using Samovar.Ipc.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>The first message of a parent to its worker. It is in the work ring before the worker is started.</summary>
internal sealed record WorkerHello
{
    public required ChannelCookie Cookie { get; init; }

    /// <summary>The build of Samovar; checked first.</summary>
    public required ModuleId Library { get; init; }

    /// <summary>The module that contains the <see cref="WorkerProgram"/> to run.</summary>
    public required ModuleId ProgramModule { get; init; }

    /// <summary>The metadata token of its type in that module.</summary>
    public required int ProgramToken { get; init; }

    /// <summary>Other modules that must have the same build.</summary>
    public required IReadOnlyList<ModuleId> Modules { get; init; }

    /// <summary>The parent's <see cref="AppContext.BaseDirectory"/>.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The current directory of the worker.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The paths of the parent's assemblies that do not belong to the runtime.</summary>
    public required IReadOnlyList<string> Assemblies { get; init; }

    /// <summary>The directories in which the parent looks for native libraries.</summary>
    public required IReadOnlyList<string> NativeDirectories { get; init; }

    /// <summary>Environment variables to set (name=value) or to remove (name): the variables with which the worker was started configure its own
    /// runtime and not the programs that it starts.</summary>
    public required IReadOnlyList<string> Variables { get; init; }

    /// <summary>The nesting depth of the worker: 1 if the process that starts it is no worker, otherwise one more than that process.</summary>
    public int Depth { get; init; } = 1;

    public static WorkerHello Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader => new WorkerHello
    {
        Cookie = reader.ReadCookie(),
        Library = reader.ReadModule(),
        ProgramModule = reader.ReadModule(),
        ProgramToken = reader.ReadInt32(),
        Modules = reader.ReadList(Handshake.ReadModule),
        BaseDirectory = reader.ReadString(),
        WorkingDirectory = reader.ReadString(),
        Assemblies = reader.ReadStrings(),
        NativeDirectories = reader.ReadStrings(),
        Variables = reader.ReadStrings(),
        Depth = reader.ReadInt32(),
    });

    public byte[] ToBytes() => Handshake.Write(writer =>
    {
        writer.Write(Cookie);
        writer.Write(Library);
        writer.Write(ProgramModule);
        writer.Write(ProgramToken);
        writer.Write7BitEncodedInt(Modules.Count);
        foreach (ModuleId module in Modules) writer.Write(module);
        writer.Write(BaseDirectory);
        writer.Write(WorkingDirectory);
        writer.Write(Assemblies);
        writer.Write(NativeDirectories);
        writer.Write(Variables);
        writer.Write(Depth);
    });
}
