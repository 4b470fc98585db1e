namespace Samovar.Cli.Tour;

/// <summary>What a program of the chapter came to.</summary>
/// <param name="Chapter">Its number.</param>
/// <param name="Title">Its title.</param>
/// <param name="Program">Its source, as a path in the repository.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="ExitCode">How it ended: 0 unless it failed.</param>
/// <param name="Output">The lines that it wrote.</param>
internal sealed record ChapterRun(int Chapter, string Title, string Program, double Seconds, int ExitCode, IReadOnlyList<string> Output);
