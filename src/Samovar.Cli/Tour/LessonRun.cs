namespace Samovar.Cli.Tour;

/// <summary>A lesson of the chapter, run by Samovar's program and by Python's.</summary>
/// <param name="Chapter">Its number.</param>
/// <param name="Title">Its title.</param>
/// <param name="Samovar">How Samovar's program ran.</param>
/// <param name="Python">How Python's program ran.</param>
internal sealed record LessonRun(int Chapter, string Title, SideRun Samovar, SideRun Python);
