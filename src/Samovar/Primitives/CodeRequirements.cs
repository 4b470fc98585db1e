namespace Samovar.Primitives;

/// <summary>The warnings of the compiler and of <c>dotnet publish</c> about members that a trimmed program, or one compiled ahead of time, may lack
/// the code for.</summary>
internal static class CodeRequirements
{
    /// <summary>For <c>RequiresUnreferencedCode</c>, on internal classes: why their callers must know that the program is whole.</summary>
    public const string Unreferenced = "Values and delegates that travel between processes, and the code for them, are found by reflection.";

    /// <summary>Why public members that need such classes suppress the warning: in a trimmed program they work.</summary>
    public const string KeptWhole = "The build targets of the package keep Samovar and the program whole, and WholeProgram.Require throws a "
        + "PlatformNotSupportedException in a program that was trimmed without them.";

    /// <summary>For <c>RequiresDynamicCode</c>: what a program that was compiled ahead of time cannot do.</summary>
    public const string Dynamic = "A program that was compiled ahead of time (PublishAot) can neither load its code in a worker process nor serialize "
        + "values and delegates. Use ThreadExecutor, InlineExecutor or EventLoop, or set PublishAot to false.";

    /// <summary>Why code reads the locations of assemblies.</summary>
    public const string MayHaveNoFile = "The location is empty in a single-file program; the code treats such an assembly as one without a file.";

    /// <summary>Why code behind a check at run time suppresses these warnings.</summary>
    public const string CheckedAtRunTime = "WholeProgram.Require throws a PlatformNotSupportedException first in a program where the code cannot work.";

    /// <summary>Why a part of the serializer without an annotation of its own suppresses these warnings.</summary>
    public const string BehindWriter = "Only the writer and the reader of messages reach this code, and both are annotated.";

    /// <summary>Why code that inspects the program suppresses these warnings.</summary>
    public const string InspectsOnly = "The code describes the program, or looks for mistakes in it; it leaves out what trimming removed.";
}
