import { createRandom, shuffled } from './random.ts'

const NAMES =
  `Aisha Alejandro Amara Amélie Anton Arjun Astrid Beatriz Björn Camille Carlos Chiara Chloé Daan Dagny Darius Diego
Dimitri Eleni Elif Emeka Emre Esther Fatima Felix Finn Freya Gabriel Giulia Grace Greta Hana Haruto Hassan Hugo Ida Ines
Ingrid Isla Ivan Jakub Jana Jasper Jin João Jonas Juana Kai Kasia Kenji Khadija Lars Layla Leila Lena Leo Liam Lina Linh
Lotte Luca Lucía Luka Maja Malik Marek Maria Mateo Maya Mei Mia Milan Mina Mohamed Nadia Naomi Nico Nils Nina Noah Noor Olga
Oliver Omar Pablo Petra Priya Quinn Rafael Ravi Rosa Sakura Samir Sanna Santiago Sara Sofia Soren Stella Tariq Teo Tomás
Uma Valentina Viktor Wanda Yara Yuki Yusuf Zara Zoë`.split(/\s+/)

const INITIALS = 'ABCDEFGHIJKLMNOPRSTVWZ'

/** As many different nicknames as wanted, the same for the same seed. */
export const nicknamesFor = (count: number, seed: string): string[] => {
  const names = shuffled(createRandom(seed, 'nicknames'), NAMES)
  return Array.from({ length: count }, (_, index) => {
    const name = names[index % names.length] ?? 'Player'
    const round = Math.floor(index / names.length)
    if (round === 0) return name
    const initial = INITIALS[(round - 1) % INITIALS.length]
    const again = Math.floor((round - 1) / INITIALS.length)
    return again === 0 ? `${name} ${initial}.` : `${name} ${initial}. ${again + 1}`
  })
}
